import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticated } from './authenticate.ts';
import { receive } from './journey.ts';
import type { Recorded } from './record/recorder.ts';
import type { KnownCallback } from './record/status-event.ts';

const good = { token: 't', query: 'session_id=s1&status=1', contentType: undefined, body: undefined };
const sent: Recorded = { ok: true, status: 'SENT', keeper: 'kafka' };

function setUp(authenticated: Authenticated, recorded: Recorded) {
  const records: KnownCallback[] = [];
  const steps = {
    authenticate: () => authenticated,
    record: async (callback: KnownCallback) => {
      records.push(callback);
      return recorded;
    },
  };
  return { steps, records };
}

const known = { ok: true, caller: { signed: false } } as const;
const claims = { messageId: 'm1', attempt: 1, attemptId: '1.abc', issuedAtMs: 1_790_000_000_000 };
const signed = { ok: true, caller: { signed: true, claims } } as const;

test('who is not known, and what is not understood, is not recorded', async () => {
  const unknown = setUp({ ok: false, reason: 'BAD_SIGNATURE' }, sent);
  assert.deepEqual(await receive(unknown.steps, good), { kind: 'unauthorized', reason: 'BAD_SIGNATURE' });
  assert.deepEqual(unknown.records, []);
  const odd = setUp(known, sent);
  assert.deepEqual(await receive(odd.steps, { ...good, query: 'status=1' }), {
    kind: 'malformed',
    reason: 'SESSION_ID_MISSING',
  });
  assert.deepEqual(odd.records, []);
});

test('a callback is accepted only once it is recorded', async () => {
  const kept = setUp(known, sent);
  assert.deepEqual(await receive(kept.steps, good), { kind: 'accepted', status: 'SENT', keeper: 'kafka' });
  assert.deepEqual(kept.records, [{ caller: { signed: false }, sessionId: 's1', code: 1 }]);
  const lost = setUp(known, { ok: false, reason: 'SPOOL_BROKEN' });
  assert.deepEqual(await receive(lost.steps, good), { kind: 'unavailable', reason: 'SPOOL_BROKEN' });
});

test('a number that is no code is kept without one if it is signed, and malformed if not', async () => {
  const odd = { ...good, query: 'session_id=s1&status=2.5' };
  const proven = setUp(signed, { ...sent, status: 'UNKNOWN' });
  assert.deepEqual(await receive(proven.steps, odd), {
    kind: 'accepted',
    status: 'UNKNOWN',
    keeper: 'kafka',
  });
  assert.deepEqual(proven.records, [{ caller: signed.caller, sessionId: 's1', code: null }]);
  const unproven = setUp(known, sent);
  assert.deepEqual(await receive(unproven.steps, odd), { kind: 'malformed', reason: 'STATUS_INVALID' });
  assert.deepEqual(unproven.records, []);
});

test('a word as status is malformed, signed or not', async () => {
  for (const who of [signed, known]) {
    const { steps, records } = setUp(who, sent);
    assert.deepEqual(await receive(steps, { ...good, query: 'session_id=s1&status=read' }), {
      kind: 'malformed',
      reason: 'STATUS_INVALID',
    });
    assert.deepEqual(records, []);
  }
});
