import type { Appender, Producer } from '@whatsapp-stream/kafka';
import type { createDecoder, Encoder, StatusEvent } from '@whatsapp-stream/schemas';
import type { Caller } from './delivery/call.ts';
import type { Message } from './message.ts';

/** What sending is made of, once everything that it depends on has answered. */
export interface Parts {
  readonly producer: Producer;
  readonly appender: Appender;
  readonly encoder: Encoder<StatusEvent>;
  readonly requestDecoder: ReturnType<typeof createDecoder<'SendRequest'>>;
  readonly statusDecoder: ReturnType<typeof createDecoder<'StatusEvent'>>;
  readonly caller: Caller;
  /** By topic. */
  readonly lanes: ReadonlyMap<string, Pick<Message, 'lane' | 'laneIndex'>>;
  /** Names this process in attempt ids. */
  readonly processId: string;
}
