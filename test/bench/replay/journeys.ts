import { randomBytes, randomUUID } from 'node:crypto';
import { callbackEventId, newStatusEvent, type StatusEvent, senderEventId } from '@whatsapp-stream/schemas';

/** A message that is read in the end: what the sender tells of it, and then the callbacks. */
export const EVENTS_OF_JOURNEY = 5;

const CALLBACKS = [
  ['SENT', 1],
  ['DELIVERED', 2],
  ['READ', 3],
] as const;
const LANES = ['otp', 'transactional', 'marketing'];
const SOURCES = ['shop', 'billing', 'identity'];
const TEMPLATES = ['otp_login', 'order_shipped', 'invoice_due', 'november_offer'];
/** Most publishers pass nothing on. */
const ONE_IN_WITH_METADATA = 10;
const RECIPIENT_BYTES = 16;

/** @param nowMs when it is attempted */
export function journey(i: number, nowMs: number, sender: string): readonly StatusEvent[] {
  const [message_id, session_id, attempt_id] = [randomUUID(), randomUUID(), `1-${sender}-${i.toString(36)}`];
  const told = { message_id, attempt: 1, attempt_id };
  const own = {
    ...told,
    origin: 'SENDER',
    lane: LANES[i % LANES.length] ?? null,
    source: SOURCES[i % SOURCES.length] ?? null,
    template_name: TEMPLATES[i % TEMPLATES.length] ?? null,
    recipient: randomBytes(RECIPIENT_BYTES).toString('base64url'),
    metadata: i % ONE_IN_WITH_METADATA === 0 ? { campaign: `c${i % 7}`, order: String(i) } : {},
  } as const;
  const idOf = (status: 'ATTEMPTED' | 'ACCEPTED') =>
    senderEventId({ messageId: message_id, attemptId: attempt_id, status });
  return [
    newStatusEvent({ ...own, event_id: idOf('ATTEMPTED'), status: 'ATTEMPTED', occurred_at: nowMs }),
    newStatusEvent({
      ...own,
      event_id: idOf('ACCEPTED'),
      status: 'ACCEPTED',
      session_id,
      http_status: 201,
      charged: null,
      occurred_at: nowMs + 80,
    }),
    ...CALLBACKS.map(([status, code]) =>
      newStatusEvent({
        ...told,
        event_id: callbackEventId({
          messageId: message_id,
          attemptId: attempt_id,
          sessionId: session_id,
          code,
        }),
        session_id,
        status,
        provider_code: code,
        origin: 'CALLBACK',
        charged: true,
        occurred_at: nowMs + 1_000 * code,
      }),
    ),
  ];
}
