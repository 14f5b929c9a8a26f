import { createHmac } from 'node:crypto';
import type { Headers } from '@whatsapp-stream/kafka';
import {
  cloudEventHeaders,
  newStatusEvent,
  REDRIVE_OF_HEADER,
  STATUSES,
  type Status,
  type StatusEvent,
  senderEventId,
} from '@whatsapp-stream/schemas';
import type { Message } from '../message.ts';

/** What the sender has to say about a message. */
export interface Fact {
  readonly status: Status;
  /** The attempt that it speaks of; 0 and null where there was none. */
  readonly attempt: number;
  readonly attemptId: string | null;
  readonly reason?: string;
  readonly httpStatus?: number | null;
  readonly sessionId?: string;
  readonly retryAt?: number;
}

const SOURCE = '/whatsapp-stream/sender';
const PASSED_ON = ['traceparent', 'tracestate', 'baggage'] as const;
const RECIPIENT_BYTES = 16;

/**
 * @param hashKey makes `recipient`; without it the event says nothing of the recipient
 * @param now ms since the epoch
 */
export function senderEvent(
  message: Pick<Message, 'request' | 'lane'>,
  fact: Fact,
  hashKey: string | undefined,
  now: number,
): StatusEvent {
  const { request } = message;
  const { status, attempt, attemptId } = fact;
  return newStatusEvent({
    event_id: senderEventId({ messageId: request.message_id, attemptId, status }),
    message_id: request.message_id,
    session_id: fact.sessionId ?? null,
    status,
    origin: 'SENDER',
    attempt,
    attempt_id: attemptId,
    occurred_at: now,
    http_status: fact.httpStatus ?? null,
    reason: fact.reason ?? null,
    retry_at: fact.retryAt ?? null,
    charged: STATUSES[status].charged,
    lane: message.lane,
    source: request.source,
    template_name: request.template?.name ?? null,
    recipient: hashKey === undefined ? null : recipientHash(request.msisdn, hashKey),
    metadata: request.metadata,
  });
}

/** The headers of a status record: which request and redrive it speaks of, the trace it belongs to, and CloudEvents'. */
export function senderHeaders(message: Pick<Message, 'record' | 'redrive'>, event: StatusEvent): Headers {
  const { topic, partition, offset, headers } = message.record;
  const own: Record<string, string> = cloudEventHeaders(event, SOURCE);
  own['send_topic'] = topic;
  own['send_partition'] = String(partition);
  own['send_offset'] = String(offset);
  if (message.redrive) own[REDRIVE_OF_HEADER] = message.redrive.of;
  for (const name of PASSED_ON) {
    const value = headers[name];
    if (value !== undefined) own[name] = value;
  }
  return own;
}

/** Tells one recipient from another, and tells nothing else: HMAC-SHA-256, base64url of the first 16 bytes. */
export function recipientHash(msisdn: string, key: string): string {
  return createHmac('sha256', key).update(msisdn).digest().subarray(0, RECIPIENT_BYTES).toString('base64url');
}
