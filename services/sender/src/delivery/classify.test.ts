import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallResult } from './call.ts';
import { classify } from './classify.ts';

const answered = (
  httpStatus: number,
  body: string | null = '{}',
  retryAfter: string | null = null,
): CallResult => ({
  kind: 'answered',
  httpStatus,
  body,
  retryAfter,
  tookMs: 1,
});

test('a 201 with a session id is accepted, whatever else is in it', () => {
  const body = JSON.stringify({ message: 'ok', session_id: '5f1c-a', code: '201', try_count: 1 });
  assert.deepEqual(classify(answered(201, body)), { kind: 'accepted', sessionId: '5f1c-a', httpStatus: 201 });
});

test('a 201 that cannot be read, or has no session id, is in doubt', () => {
  for (const body of [null, '', '<html>', '[]', 'null', '{"session_id":7}', '{"session_id":""}']) {
    assert.equal(classify(answered(201, body)).kind, 'doubt', String(body));
  }
});

test('400 and 409 refuse the message', () => {
  for (const status of [400, 409]) assert.equal(classify(answered(status)).kind, 'refused');
});

test('401, 403, undocumented 4xx and redirects are trouble of the account, never of the message', () => {
  for (const status of [301, 302, 401, 402, 403, 404, 405, 408, 418, 451]) {
    assert.equal(classify(answered(status)).kind, 'trouble', String(status));
  }
});

test('429, and 503 with Retry-After, are surely not taken', () => {
  assert.deepEqual(classify(answered(429, '{}', '2')), {
    kind: 'retry',
    cause: 'rate-limited',
    reason: 'too many requests (HTTP 429)',
    httpStatus: 429,
    retryAfter: '2',
  });
  assert.equal(classify(answered(503, '{}', '2')).kind, 'retry');
});

test('5xx, a lost connection and a time-out after the first byte are in doubt', () => {
  for (const status of [500, 502, 503, 504, 599])
    assert.equal(classify(answered(status)).kind, 'doubt', String(status));
  assert.equal(classify({ kind: 'no-answer', why: 'reset' }).kind, 'doubt');
});

test('no connection is trouble; a call that we withdrew was not made', () => {
  assert.equal(classify({ kind: 'not-sent', cause: 'connection', why: 'ECONNREFUSED' }).kind, 'trouble');
  assert.deepEqual(classify({ kind: 'not-sent', cause: 'withdrawn', why: '' }), { kind: 'not-made' });
});

test('nothing of an error body is repeated: it can hold the phone number', () => {
  for (const status of [400, 401, 403, 404, 409, 429, 500]) {
    const outcome = JSON.stringify(classify(answered(status, '{"message":"6281234567890 is blocked"}')));
    assert.ok(!outcome.includes('6281234567890'), outcome);
  }
});
