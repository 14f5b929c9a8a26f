import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { Decoded, SendRequest } from '@whatsapp-stream/schemas';
import type { Admission } from './admission/admit.ts';
import type { Progress } from './admission/progress.ts';
import { type Message, messageOf } from './message.ts';

/** `done`: the record needs nothing more. `left`: our term as the active sender ended first; it comes again. */
export type Ending = 'done' | 'left';

/** What the way of a record leads through. */
export interface Rooms {
  /** Waits for the registry if it must; null when the term ends first. */
  decode(record: KafkaRecord): Promise<Decoded<SendRequest> | null>;
  /** Puts the original bytes aside, with where they stood and why. */
  deadLetter(record: KafkaRecord, code: string, text: string): Promise<Ending>;
  /** @returns what lets the unit go again; null when another record of the same one is on its way */
  claim(message: Message): Disposable | null;
  /** Looks at the request, the clock and the ledger. */
  admit(message: Message, unknownFields: boolean): Admission;
  readonly delivery: {
    /** From the lane to an outcome: write ahead, wait for a slot, call, record; again if it must be. */
    deliver(message: Message, progress: Progress, waitMs: number): Promise<Ending>;
    /** Waits for word of an attempt, then settles the message or sends it again. */
    resolveDoubt(message: Message, progress: Progress, attemptId: string): Promise<Ending>;
    settleTaken(message: Message, attempt: number, attemptId: string): Promise<Ending>;
    refuse(message: Message, attempts: number, reason: string): Promise<Ending>;
    expire(message: Message, attempts: number): Promise<Ending>;
    cancel(message: Message, attempts: number, reason: string): Promise<Ending>;
  };
  /** A repeated `message_id`, or a record that came again, was passed over. */
  passOver(message: Message): Ending;
}

/** The way of one record, from arrival to done. */
export async function journey(
  record: KafkaRecord,
  lane: Pick<Message, 'lane' | 'laneIndex'>,
  place: Message['place'],
  rooms: Rooms,
): Promise<Ending> {
  const decoded = await rooms.decode(record);
  if (decoded === null) return 'left';
  if (!decoded.ok) {
    place.at('write');
    return rooms.deadLetter(record, decoded.code, decoded.text);
  }

  const message = messageOf(record, decoded.value, lane, place);
  using claim = rooms.claim(message);
  const admission: Admission = claim ? rooms.admit(message, decoded.unknownFields) : { kind: 'known' };
  switch (admission.kind) {
    case 'known':
      place.known();
      return rooms.passOver(message);
    case 'newer':
      place.at('write');
      return rooms.deadLetter(
        record,
        'NEWER_SCHEMA',
        'written by a newer schema, with content this version lacks',
      );
    case 'refuse':
      return await rooms.delivery.refuse(message, admission.attempts, admission.reason);
    case 'expire':
      return await rooms.delivery.expire(message, admission.attempts);
    case 'cancel':
      return await rooms.delivery.cancel(message, admission.attempts, admission.reason);
    case 'taken':
      return await rooms.delivery.settleTaken(message, admission.attempt, admission.attemptId);
    case 'doubt':
      return await rooms.delivery.resolveDoubt(message, admission.progress, admission.attemptId);
    case 'deliver':
      return await rooms.delivery.deliver(message, admission.progress, admission.waitMs);
  }
}
