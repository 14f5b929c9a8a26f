import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { SendRequest } from '@whatsapp-stream/schemas';

/** A send request on its way through the sender. */
export interface Message {
  readonly request: SendRequest;
  /** The lane's name, `otp`. */
  readonly lane: string;
  /** The lane's place in the order of urgency, from 0. */
  readonly laneIndex: number;
  /** Where the request stands, and the headers that its status events pass on. */
  readonly record: Pick<KafkaRecord, 'topic' | 'partition' | 'offset' | 'timestamp' | 'headers'>;
}

/** Not a moment later than `expires_at`: at it is too late. */
export function isExpired(request: SendRequest, now: number): boolean {
  return request.expires_at !== null && now >= request.expires_at;
}
