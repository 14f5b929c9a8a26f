import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SigningKey, signToken } from '@whatsapp-stream/callback-token';
import { type AuthenticationRules, authenticate } from './authenticate.ts';

const key = { id: 'k1', secret: 'a-secret-of-enough-length' };
const older = { id: 'k0', secret: 'an-older-secret-of-that-length' };
const ISSUED_AT_MS = 1_790_000_000_000;
const claims = { messageId: 'm1', attempt: 1, attemptId: '1.abc', issuedAtMs: ISSUED_AT_MS };
const rules: AuthenticationRules = { keys: [key, older], unsigned: 'reject' };

function reasonOf(
  given: Partial<AuthenticationRules>,
  token: string | undefined,
  nowMs = ISSUED_AT_MS,
): string {
  const result = authenticate({ ...rules, ...given }, token, nowMs);
  return result.ok ? 'taken' : result.reason;
}

test('a token of either key is believed', () => {
  for (const signing of [key, older]) {
    assert.deepEqual(authenticate(rules, signToken(signing, claims), ISSUED_AT_MS), {
      ok: true,
      caller: { signed: true, claims },
    });
  }
});

test('a callback without a token is taken only where that is allowed', () => {
  assert.equal(reasonOf({}, undefined), 'MISSING_TOKEN');
  assert.deepEqual(authenticate({ ...rules, unsigned: 'accept' }, undefined, ISSUED_AT_MS), {
    ok: true,
    caller: { signed: false },
  });
});

test('a wrong token is refused also where none is needed', () => {
  for (const unsigned of ['accept', 'reject'] as const) {
    const given = { keys: [key], unsigned };
    assert.equal(reasonOf(given, ''), 'MALFORMED_TOKEN');
    assert.equal(reasonOf(given, signToken(older, claims)), 'UNKNOWN_KEY');
    assert.equal(reasonOf(given, signToken({ ...older, id: 'k1' }, claims)), 'BAD_SIGNATURE');
  }
});

test('a token is good until the end of its age, if it has one', () => {
  const token = signToken(key, claims);
  const maxAgeMs = 60_000;
  assert.equal(reasonOf({ maxAgeMs }, token, ISSUED_AT_MS + 60_000), 'taken');
  assert.equal(reasonOf({ maxAgeMs }, token, ISSUED_AT_MS + 60_001), 'EXPIRED_TOKEN');
  assert.equal(reasonOf({ maxAgeMs }, token, ISSUED_AT_MS - 86_400_000), 'taken');
  assert.equal(reasonOf({}, token, ISSUED_AT_MS + 1e12), 'taken');
});

test('how old a token is, is told only to who signed it', () => {
  const forged = signToken({ ...older, id: 'k1' }, claims);
  assert.equal(reasonOf({ keys: [key], maxAgeMs: 60_000 }, forged, ISSUED_AT_MS + 1e12), 'BAD_SIGNATURE');
});

test('a token with any bit flipped is refused', () => {
  const bytes = Buffer.from(signToken(key, claims));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.notEqual(reasonOf({}, flipped.toString('latin1')), 'taken', `bit ${bit}`);
  }
});

test('a token with anything cut off, added or doubled is refused', () => {
  const token = signToken(key, claims);
  for (let at = 0; at < token.length; at++) {
    assert.notEqual(reasonOf({}, token.slice(0, at)), 'taken');
    assert.notEqual(reasonOf({}, token.slice(0, at) + token.slice(at + 1)), 'taken');
    assert.notEqual(reasonOf({}, token.slice(0, at) + token.slice(at, at + 1) + token.slice(at)), 'taken');
  }
  for (const more of ['=', '.', ' ', '\n', '\0', 'A', '%00'])
    assert.notEqual(reasonOf({}, token + more), 'taken');
});

test('without a key, or with an empty one, nothing is believed', () => {
  const empty: SigningKey = { id: 'k1', secret: '' };
  assert.equal(reasonOf({ keys: [] }, signToken(key, claims)), 'UNKNOWN_KEY');
  assert.equal(reasonOf({ keys: [empty] }, signToken(empty, claims)), 'UNKNOWN_KEY');
  assert.equal(reasonOf({ keys: [older, empty] }, signToken(empty, claims)), 'UNKNOWN_KEY');
  assert.equal(reasonOf({ keys: [empty, older] }, signToken(older, claims)), 'taken');
});
