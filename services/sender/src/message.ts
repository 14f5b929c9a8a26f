import { crc32 } from 'node:zlib';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { SendRequest } from '@whatsapp-stream/schemas';
import type { Place } from './watchdog/whereabouts.ts';

/** Confluent's wire format: a zero byte and the id. */
const SCHEMA_ID_BYTES = 5;

/** A send request on its way through the sender. */
export interface Message {
  readonly request: SendRequest;
  /** The lane's name, `otp`. */
  readonly lane: string;
  /** The lane's place in the order of urgency, from 0. */
  readonly laneIndex: number;
  /** Where the request stands, and the headers that its status events pass on. */
  readonly record: Pick<KafkaRecord, 'topic' | 'partition' | 'offset' | 'timestamp' | 'headers'>;
  /** A hash of what the request holds: a repeat of its message_id is told from another request under the same id. */
  readonly content: number;
  /** To be told where the message is. */
  readonly place: Pick<Place, 'at'>;
}

/** Of the Avro body, behind the id of its schema; 31 bits, which a machine word has room for. */
export function contentOf(value: Buffer | null): number {
  return crc32(value?.subarray(SCHEMA_ID_BYTES) ?? '') >>> 1;
}

/** Not a moment later than `expires_at`: at it is too late. */
export function isExpired(request: SendRequest, now: number): boolean {
  return request.expires_at !== null && now >= request.expires_at;
}
