import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetUsed, type RateLimit, slidingMaximum, slidingWindow } from './window.ts';

const limit = (max: number | null, countRefused = false): RateLimit => ({
  maxRequestsPerSecond: max,
  countRefused,
  retryAfterSeconds: null,
  retryAfterAs: 'seconds',
});

test('the window admits as many as are allowed, and one more only a full second after the first', () => {
  const window = slidingWindow(limit(3));
  assert.deepEqual(
    [0, 0.5, 999, 999.9, 1_000, 1_000.4, 1_000.5].map((at) => window.admit(at)),
    [true, true, true, false, true, false, true],
  );
});

test('the window slides: a burst at the end of one second and the start of the next is refused', () => {
  const window = slidingWindow(limit(50));
  const burst = (at: number): number =>
    Array.from({ length: 50 }, () => window.admit(at)).filter(Boolean).length;
  assert.equal(burst(950), 50);
  assert.equal(burst(1_050), 0);
  assert.equal(burst(1_950), 50);
});

test('even pacing at the limit is never refused', () => {
  const window = slidingWindow(limit(50));
  for (let index = 0; index < 10_000; index += 1) assert.equal(window.admit(index * 20), true);
});

test('refused arrivals count only where that is asked for', () => {
  const lenient = slidingWindow(limit(1));
  const strict = slidingWindow(limit(1, true));
  for (const at of [0, 600, 1_200]) {
    lenient.admit(at);
    strict.admit(at);
  }
  assert.equal(lenient.admit(2_200), true);
  assert.equal(strict.admit(2_100), false);
});

test('a limit that changes heeds what was counted before, and none at all admits everything', () => {
  const window = slidingWindow(limit(null));
  for (let index = 0; index < 10; index += 1) assert.equal(window.admit(index), true);
  window.setLimit(limit(10));
  assert.equal(window.admit(999), false);
  assert.equal(window.admit(1_000), true);
});

test('the sliding maximum finds the fullest second, wherever it starts', () => {
  const sliding = slidingMaximum();
  for (const at of [0, 500, 900, 1_000, 1_100, 1_499, 1_500, 3_000]) sliding.add(at);
  assert.equal(sliding.max(), 5);
});

test('the budget is used fully by even pacing, and half by half of it', () => {
  assert.equal(budgetUsed(1_000, 0, 999 * 20, 50), 1);
  assert.equal(budgetUsed(500, 0, 499 * 40, 50), 0.5);
  assert.equal(budgetUsed(1, 5, 5, 50), null);
  assert.equal(budgetUsed(10, 0, 100, null), null);
});
