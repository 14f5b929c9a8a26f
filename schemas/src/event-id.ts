import { hash } from 'node:crypto';
import type { Status } from './types.generated.ts';

const ID_BYTES = 16;

/** base64url of the first 16 bytes of SHA-256 over the lines, joined by a newline; a null is an empty line. */
function idOfLines(lines: readonly (string | number | null)[]): string {
  // As text it comes in half the time of a buffer.
  const digest = hash('sha256', lines.join('\n'), 'hex');
  return Buffer.from(digest.slice(0, 2 * ID_BYTES), 'hex').toString('base64url');
}

/** @returns the `event_id` of a status event of the sender: the same for the same message, attempt and status */
export function senderEventId(fact: {
  readonly messageId: string | null;
  readonly attemptId: string | null;
  readonly status: Status;
}): string {
  return idOfLines(['S', fact.messageId, fact.attemptId, fact.status]);
}

/**
 * @returns the `event_id` of a status event that a callback told: the same however often it is called back.
 * `code` is Verihubs' number of the status.
 */
export function callbackEventId(fact: {
  readonly messageId: string | null;
  readonly attemptId: string | null;
  readonly sessionId: string | null;
  readonly code: number | null;
}): string {
  return idOfLines(['C', fact.messageId, fact.attemptId, fact.sessionId, fact.code]);
}

/** @returns what names a dead letter by where it came from: the same however often the same record is put aside */
export function deadLetterId(origin: {
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
}): string {
  return idOfLines(['D', origin.topic, origin.partition, origin.offset]);
}
