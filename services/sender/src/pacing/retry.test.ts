import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RETRY_RULES, RETRY_RULES_OF_LANES, type RetryCause, retry, retryAfterMs } from './retry.ts';

const failed = (cause: RetryCause, attempt: number, more: { lane?: string; retryAfterMs?: number } = {}) => ({
  cause,
  attempt,
  lane: 'marketing',
  retryAfterMs: null,
  ...more,
});

test('the wait doubles, its upper half is random, and it is bounded', () => {
  const shortest = [1, 2, 3, 10].map((attempt) => retry(failed('rate-limited', attempt), 0));
  assert.deepEqual(
    shortest.map((decision) => decision.kind === 'again' && decision.afterMs),
    [500, 1_000, 2_000, 15_000],
  );
  assert.deepEqual(retry(failed('rate-limited', 1), 0.999), { kind: 'again', afterMs: 1_000 });
});

test('it never comes back sooner than Retry-After asks', () => {
  assert.deepEqual(retry(failed('unavailable', 1, { retryAfterMs: 7_000 }), 0.5), {
    kind: 'again',
    afterMs: 7_000,
  });
});

test('after the last attempt it gives up', () => {
  const { maxAttempts } = RETRY_RULES['rate-limited'];
  assert.equal(retry(failed('rate-limited', maxAttempts - 1), 0).kind, 'again');
  assert.deepEqual(retry(failed('rate-limited', maxAttempts), 0), { kind: 'give-up' });
});

test('an otp comes back sooner than the others, for every cause', () => {
  for (const cause of ['rate-limited', 'unavailable', 'rejected'] as const) {
    const [otp, other] = ['otp', 'billing'].map((lane) => retry(failed(cause, 9, { lane }), 0));
    if (cause === 'rejected') assert.deepEqual([otp?.kind, other?.kind], ['give-up', 'give-up']);
    else assert.ok(otp?.kind === 'again' && other?.kind === 'again' && otp.afterMs < other.afterMs);
    assert.ok((RETRY_RULES_OF_LANES['otp']?.[cause].firstMs ?? 0) < RETRY_RULES[cause].firstMs);
  }
});

test('Retry-After is read in seconds and as a date; nonsense is ignored and a year is bounded', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  assert.equal(retryAfterMs('3', now), 3_000);
  assert.equal(retryAfterMs('Sun, 22 Nov 2026 10:00:05 GMT', now), 5_000);
  assert.equal(retryAfterMs('Sun, 22 Nov 2026 09:00:00 GMT', now), 0);
  assert.equal(retryAfterMs('31536000', now), 600_000);
  for (const nonsense of [null, 'soon', '-3', '1.5s'])
    assert.equal(retryAfterMs(nonsense, now), null, String(nonsense));
});
