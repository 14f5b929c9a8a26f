import { crc32 } from 'node:zlib';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { type Redrive, readRedriveHeaders, redriveUnit, type SendRequest } from '@whatsapp-stream/schemas';
import type { Place } from './watchdog/whereabouts.ts';

/** Confluent's wire format: a zero byte and the id. */
const SCHEMA_ID_BYTES = 5;

/** A send request on its way through the sender. */
export interface Message {
  readonly request: SendRequest;
  /** What the ledger knows it by: its message_id, and for a redrive more. */
  readonly unit: string;
  /** Which end of the message it answers; null for a message that comes for the first time. */
  readonly redrive: Redrive | null;
  /** The lane's name, `otp`. */
  readonly lane: string;
  /** The lane's place in the order of urgency, from 0. */
  readonly laneIndex: number;
  /** Where the request stands, its bytes, and the headers that its status events pass on. */
  readonly record: KafkaRecord;
  /** A hash of what the request holds: a repeat of its message_id is told from another request under the same id. */
  readonly content: number;
  /** To be told where the message is, and that it is passed over for what the log says of another one. */
  readonly place: Pick<Place, 'at'> & { known(): void };
}

/** @param lane the lane's name and place */
export function messageOf(
  record: KafkaRecord,
  request: SendRequest,
  lane: Pick<Message, 'lane' | 'laneIndex'>,
  place: Message['place'],
): Message {
  const redrive = readRedriveHeaders(record.headers);
  const unit = redriveUnit(request.message_id, redrive?.of ?? null);
  return { request, unit, redrive, record, content: contentOf(record.value), place, ...lane };
}

/** Of the Avro body, behind the id of its schema; 31 bits, which a machine word has room for. */
function contentOf(value: Buffer | null): number {
  return crc32(value?.subarray(SCHEMA_ID_BYTES) ?? '') >>> 1;
}

/** Not a moment later than `expires_at`: at it is too late. */
export function isExpired(request: SendRequest, now: number): boolean {
  return request.expires_at !== null && now >= request.expires_at;
}
