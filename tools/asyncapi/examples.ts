/** One message's journey, made by the code that makes it in earnest: where examples of the contract come from. */

import { signToken } from '../../packages/callback-token/src/index.ts';
import type { KafkaRecord } from '../../packages/kafka/src/port.ts';
import {
  encodeControl,
  newSendRequest,
  newTemplate,
  redriveHeaders,
  type SendRequest,
} from '../../schemas/src/index.ts';
import { statusEventOf } from '../../services/callback-ingest/src/record/status-event.ts';
import { sendMessageRequest } from '../../services/sender/src/delivery/verihubs.ts';
import { deadLetterOf } from '../../services/sender/src/intake/dead-letter.ts';
import { senderEvent, senderHeaders } from '../../services/sender/src/ledger/events.ts';

const ASKED_AT = Date.UTC(2026, 10, 1, 5, 0, 0);
const TRACE = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'shop=1',
  baggage: 'tenant=id',
};
const SESSION_ID = '2f1c9f0e-6f0f-4f7d-9d0a-5c1c6a1a7b11';
const ATTEMPT = { attempt: 1, attemptId: '1.q8Zr2kTn' };

const record: KafkaRecord = {
  topic: 'whatsapp.send.otp',
  partition: 3,
  offset: 4711,
  timestamp: ASKED_AT + 12,
  key: Buffer.from('login-7f3a'),
  value: Buffer.from('{"to":"somebody"}'),
  headers: TRACE,
};

export const otpRequest: SendRequest = newSendRequest({
  message_id: 'login-7f3a',
  msisdn: '6281234567890',
  template: newTemplate({
    name: 'otp_login',
    lang_code: 'id',
    body_params: ['123456'],
    button_url_param: '123456',
  }),
  requested_at: ASKED_AT,
  expires_at: ASKED_AT + 5 * 60_000,
  source: 'login',
  metadata: { device: 'a7' },
});

export const leastRequest: SendRequest = newSendRequest({
  message_id: 'order:42:shipped',
  msisdn: '628001',
  template: newTemplate({ name: 'order_shipped', lang_code: 'en' }),
  requested_at: ASKED_AT,
});

export const requestHeaders = TRACE;
export const redriveRequestHeaders = {
  ...TRACE,
  ...redriveHeaders({ of: 'vYl1J0lG1e0sN9qfJ3sX5A', attempts: 2, notBeforeMs: ASKED_AT + 60_000 }),
};

const message = { request: otpRequest, lane: 'otp', record, redrive: null };
const HASH_KEY = 'a key of this document';

export const accepted = senderEvent(
  message,
  { status: 'ACCEPTED', ...ATTEMPT, httpStatus: 201, sessionId: SESSION_ID },
  HASH_KEY,
  ASKED_AT + 180,
);
export const acceptedHeaders = senderHeaders(message, accepted);

export const retrying = senderEvent(
  message,
  {
    status: 'RETRYING',
    ...ATTEMPT,
    httpStatus: 429,
    reason: 'Verihubs: too many requests (HTTP 429)',
    retryAt: ASKED_AT + 1_100,
  },
  HASH_KEY,
  ASKED_AT + 180,
);
const redrive = { of: 'vYl1J0lG1e0sN9qfJ3sX5A', attempts: 2, notBeforeMs: null };
/** With every header that a status event can have. */
export const retryingHeaders = senderHeaders({ ...message, redrive }, retrying);

const claims = {
  messageId: otpRequest.message_id,
  ...ATTEMPT,
  issuedAtMs: ASKED_AT + 100,
  traceparent: TRACE.traceparent,
};
export const delivered = statusEventOf(
  { caller: { signed: true, claims }, sessionId: SESSION_ID, code: 2 },
  ASKED_AT + 2_400,
);
export const unsignedDelivered = statusEventOf(
  { caller: { signed: false }, sessionId: SESSION_ID, code: 2 },
  ASKED_AT + 2_400,
);

export const deadLetter = deadLetterOf(
  record,
  'whatsapp.send.dlq',
  'NOT_CONFLUENT',
  'The value is not in the Confluent wire format: a zero byte, four bytes of schema id, an Avro body',
);

/** Signed with a key of this document alone. */
export const callbackToken = signToken({ id: 'k1', secret: 'only-for-this-document' }, claims);
export const callbackUrl = `https://callbacks.example.com/callbacks/${callbackToken}`;
export const verihubsCall = sendMessageRequest(otpRequest, callbackUrl, {
  appId: 'your-app-id',
  apiKey: 'your-api-key',
});
export const verihubsTaken = { message: 'Message sent successfully', session_id: SESSION_ID };
export const callbackFields = { session_id: SESSION_ID, status: 2 };

export const brake = encodeControl({
  kind: 'brake',
  lane: 'marketing',
  brake: { paused: true, reason: 'wrong price', by: 'ana' },
});
export const cancellation = encodeControl({
  kind: 'cancellation',
  id: '8f3a91c2',
  cancellation: {
    match: { template: 'sale_november', lane: 'marketing' },
    until: null,
    reason: 'wrong price',
    by: 'ana',
  },
});
