import { KafkaJSProtocolError } from './client-library.ts';

/** Above `max.message.bytes`, and above `segment.bytes`. */
const SIZE_REFUSALS: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/**
 * Whether the broker refused a write for its size. kafkajs does not try such a write again and throws the
 * broker's answer as it is; other errors it wraps, so the causes are looked at too.
 */
export function isRefusedForSize(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof KafkaJSProtocolError && SIZE_REFUSALS.has(error.type)) return true;
  return isRefusedForSize(error.cause);
}
