import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticated } from './authenticate.ts';
import { receive } from './journey.ts';
import type { Recorded } from './record.ts';
import type { KnownCallback } from './status-event.ts';

const good = { token: 't', query: 'session_id=s1&status=1', contentType: undefined, body: undefined };

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

test('who is not known, and what is not understood, is not recorded', async () => {
  const unknown = setUp({ ok: false, reason: 'BAD_SIGNATURE' }, { ok: true, status: 'SENT' });
  assert.deepEqual(await receive(unknown.steps, good), { kind: 'unauthorized', reason: 'BAD_SIGNATURE' });
  assert.deepEqual(unknown.records, []);
  const odd = setUp(known, { ok: true, status: 'SENT' });
  assert.deepEqual(await receive(odd.steps, { ...good, query: 'status=1' }), {
    kind: 'malformed',
    reason: 'SESSION_ID_MISSING',
  });
  assert.deepEqual(odd.records, []);
});

test('a callback is accepted only once it is recorded', async () => {
  const kept = setUp(known, { ok: true, status: 'SENT' });
  assert.deepEqual(await receive(kept.steps, good), { kind: 'accepted', status: 'SENT' });
  assert.deepEqual(kept.records, [{ caller: { signed: false }, sessionId: 's1', code: 1 }]);
  const lost = setUp(known, { ok: false, reason: 'KAFKA_LATE' });
  assert.deepEqual(await receive(lost.steps, good), { kind: 'unavailable', reason: 'KAFKA_LATE' });
});
