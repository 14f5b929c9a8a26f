import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signToken } from '@whatsapp-stream/callback-token';
import { authenticate } from './authenticate.ts';

const key = { id: 'k1', secret: 'a-secret-of-enough-length' };
const older = { id: 'k0', secret: 'an-older-secret-of-that-length' };
const claims = { messageId: 'm1', attempt: 1, attemptId: '1.abc', issuedAtMs: 1_790_000_000_000 };

test('a token of either key is believed', () => {
  for (const signing of [key, older]) {
    const rules = { keys: [key, older], unsigned: 'reject' } as const;
    assert.deepEqual(authenticate(rules, signToken(signing, claims)), {
      ok: true,
      caller: { signed: true, claims },
    });
  }
});

test('a callback without a token is taken only where that is allowed', () => {
  const without = (unsigned: 'accept' | 'reject') => authenticate({ keys: [key], unsigned }, undefined);
  assert.deepEqual(without('reject'), { ok: false, reason: 'MISSING_TOKEN' });
  assert.deepEqual(without('accept'), { ok: true, caller: { signed: false } });
});

test('a wrong token is refused also where none is needed', () => {
  for (const unsigned of ['accept', 'reject'] as const) {
    const reasonOf = (token: string) => {
      const result = authenticate({ keys: [key], unsigned }, token);
      return result.ok ? 'taken' : result.reason;
    };
    assert.equal(reasonOf(''), 'MALFORMED_TOKEN');
    assert.equal(reasonOf(signToken(older, claims)), 'UNKNOWN_KEY');
    assert.equal(reasonOf(signToken({ ...older, id: 'k1' }, claims)), 'BAD_SIGNATURE');
  }
});
