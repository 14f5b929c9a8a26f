import type { NewRecord, Producer } from '@whatsapp-stream/kafka';
import type { Encoder, StatusEvent } from '@whatsapp-stream/schemas';
import type { Arrival } from './arrival.ts';
import { statusEventOf } from './status-event.ts';

export interface WriterOptions {
  readonly topic: string;
  /** Resolves once Kafka and the registry have answered for the first time; null when they never will. */
  readonly dependencies: Promise<{
    readonly producer: Pick<Producer, 'send'>;
    readonly encoder: Encoder<StatusEvent>;
  } | null>;
}

/** Makes events of arrivals and writes them to the status topic; rejects when any is not known to be written. */
export function createWriter(options: WriterOptions): (arrivals: readonly Arrival[]) => Promise<void> {
  const { topic, dependencies } = options;
  return async (arrivals) => {
    const to = await dependencies;
    if (to === null) throw new Error('stopped before Kafka had answered');
    const records = arrivals.map(({ callback, atMs }): NewRecord => {
      const { key, event, headers } = statusEventOf(callback, atMs);
      return { topic, key, value: to.encoder.encode(event), headers };
    });
    await to.producer.send(records);
  };
}
