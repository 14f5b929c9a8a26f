import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callbackEventId, STATUS_SYMBOLS, STATUSES } from '@whatsapp-stream/schemas';
import { statusEventOf } from './status-event.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const claims = { messageId: 'm1', attempt: 2, attemptId: '2.abc', issuedAtMs: 1, traceparent };
const signed = { signed: true, claims } as const;

test('a signed callback speaks of the message and attempt that its token names', () => {
  const { key, event, headers } = statusEventOf({ caller: signed, sessionId: 's1', code: 2 }, NOW_MS);
  const event_id = callbackEventId({ messageId: 'm1', attemptId: '2.abc', sessionId: 's1', code: 2 });
  assert.equal(key, 'm1');
  assert.deepEqual(event, {
    event_id,
    message_id: 'm1',
    session_id: 's1',
    status: 'DELIVERED',
    provider_code: 2,
    origin: 'CALLBACK',
    attempt: 2,
    attempt_id: '2.abc',
    occurred_at: NOW_MS,
    http_status: null,
    reason: null,
    retry_at: null,
    charged: true,
    lane: null,
    source: null,
    template_name: null,
    recipient: null,
    verified: true,
    metadata: {},
  });
  assert.deepEqual(headers, {
    ce_id: event_id,
    ce_type: 'whatsapp.status',
    ce_source: '/whatsapp-stream/callback-ingest',
    ce_time: '2026-01-02T03:04:05.678Z',
    ce_specversion: '1.0',
    traceparent,
  });
});

test('an unsigned callback speaks of its session alone, and is not verified', () => {
  const { key, event } = statusEventOf({ caller: { signed: false }, sessionId: 's1', code: 3 }, NOW_MS);
  assert.equal(key, 's1');
  const { message_id, attempt, attempt_id, verified, status } = event;
  assert.deepEqual(
    { message_id, attempt, attempt_id, verified, status },
    { message_id: null, attempt: 0, attempt_id: null, verified: false, status: 'READ' },
  );
});

test('every code of the table gives its status and its charge, any other UNKNOWN with its number', () => {
  const eventOf = (code: number) => statusEventOf({ caller: signed, sessionId: 's1', code }, NOW_MS).event;
  for (const name of STATUS_SYMBOLS) {
    const { code, charged } = STATUSES[name];
    if (code === null) continue;
    const { status, charged: actual, provider_code } = eventOf(code);
    assert.deepEqual(
      { status, actual, provider_code },
      { status: name, actual: charged, provider_code: code },
    );
  }
  for (const code of [4, 5, 12, -1, 2 ** 31 - 1]) {
    const { status, charged, provider_code } = eventOf(code);
    assert.deepEqual(
      { status, charged, provider_code },
      { status: 'UNKNOWN', charged: null, provider_code: code },
    );
  }
});

test('the same callback has the same event id whenever it comes, another one another', () => {
  const idOf = (sessionId: string, code: number, now: number) =>
    statusEventOf({ caller: signed, sessionId, code }, now).event.event_id;
  assert.equal(idOf('s1', 1, 1), idOf('s1', 1, NOW_MS));
  assert.equal(new Set([idOf('s1', 1, 1), idOf('s2', 1, 1), idOf('s1', 2, 1)]).size, 3);
});
