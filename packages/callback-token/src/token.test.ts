import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSigningKeys } from './keys.ts';
import { signToken, verifyToken } from './token.ts';

const key = { id: 'k1', secret: 'a-secret-of-enough-length' };
const other = { id: 'k2', secret: 'another-secret-of-that-length' };
const claims = {
  messageId: 'order:42_a.b-c',
  attempt: 2,
  attemptId: '2.x7f',
  issuedAtMs: 1_790_000_000_000,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

test('a token gives back its claims, also after its key has moved to second place', () => {
  const token = signToken(key, claims);
  assert.match(token, /^[A-Za-z0-9._-]+$/);
  assert.deepEqual(verifyToken([other, key], token), { ok: true, claims });
});

test('the longest allowed message id fits', () => {
  const long = { ...claims, messageId: 'm'.repeat(128), attemptId: '12.abcdefghijklmnopqrstuv' };
  assert.deepEqual(verifyToken([key], signToken(key, long)), { ok: true, claims: long });
});

test('a key that is no longer valid, and a key of the same name with another secret, are refused', () => {
  const token = signToken(key, claims);
  assert.deepEqual(verifyToken([other], token), { ok: false, reason: 'UNKNOWN_KEY' });
  assert.deepEqual(verifyToken([{ ...other, id: 'k1' }], token), { ok: false, reason: 'BAD_SIGNATURE' });
});

test('a token with any one character changed is refused', () => {
  const token = signToken(key, claims);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'ABCxyz019-_.'), (at, character) => {
      const changed = token.slice(0, at) + character + token.slice(at + 1);
      fc.pre(changed !== token);
      assert.equal(verifyToken([key], changed).ok, false);
    }),
    { numRuns: 2_000 },
  );
});

test('an attempt that no event could hold is refused, though well signed', () => {
  for (const attempt of [2 ** 31, 1.5, -(2 ** 31) - 1]) {
    const token = signToken(key, { messageId: 'm', attempt, attemptId: 'a', issuedAtMs: 0 });
    assert.deepEqual(verifyToken([key], token), { ok: false, reason: 'MALFORMED' });
  }
});

test('nonsense of any kind is refused without an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
      assert.equal(verifyToken([key], text).ok, false);
    }),
  );
  assert.deepEqual(verifyToken([key], 'x'.repeat(100_000)), { ok: false, reason: 'MALFORMED' });
});

test('signing keys are read, and every fault is told without the secret', () => {
  assert.deepEqual(readSigningKeys(`k1:${key.secret}, k2:${other.secret}`), { ok: true, keys: [key, other] });
  for (const text of ['', 'nocolon', 'k1:short', `k1:${key.secret},k1:${key.secret}`, `k 1:${key.secret}`]) {
    const result = readSigningKeys(text);
    assert.equal(result.ok, false, text);
    assert.ok(!JSON.stringify(result).includes(key.secret));
  }
  assert.equal(readSigningKeys(['a', 'b', 'c'].map((id) => `${id}:${key.secret}`).join(',')).ok, false);
});
