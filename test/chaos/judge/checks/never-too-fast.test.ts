import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Arrival } from '../history.ts';
import { fullestWindow, neverTooFast } from './never-too-fast.ts';

const arrivals = (...times: readonly number[]): readonly Arrival[] =>
  times.map((receivedMs) => ({
    run: 0,
    receivedMs,
    arrivedAtMs: Date.parse('2026-01-01T00:00:00Z') + receivedMs,
    status: 201,
    taken: true,
    withinLimit: true,
    call: null,
  }));

test('a second that is full is no violation, and what is exactly a second old is out of it', () => {
  const even = arrivals(0, 500, 1_000, 1_500, 2_000);
  assert.deepEqual(neverTooFast(even, 2), []);
  assert.equal(fullestWindow(even), 2);
});

test('one request too many in any second is told, wherever the second starts', () => {
  const violations = neverTooFast(arrivals(0, 700, 1_100, 1_699.5, 3_000), 2);
  assert.deepEqual(violations, [
    { kind: 'TOO_FAST', text: '3 requests in the second that ends at 2026-01-01T00:00:01.699Z' },
  ]);
});

test('each excess is told once, at its fullest, and in whatever order arrivals are logged', () => {
  const violations = neverTooFast(arrivals(5_003, 5_000, 0, 3, 1, 2, 5_002, 5_001), 2);
  assert.deepEqual(
    violations.map(({ text }) => text.slice(0, 10)),
    ['4 requests', '4 requests'],
  );
});

test('times of two processes of the simulator have nothing to do with each other', () => {
  const again = arrivals(0, 1, 2).map((one) => ({ ...one, run: 1 }));
  assert.equal(fullestWindow([...arrivals(0, 1, 2), ...again]), 3);
});

test('the second can be stretched by the guard, for a figure', () => {
  assert.equal(fullestWindow(arrivals(0, 500, 1_000, 1_010), 20), 4);
});
