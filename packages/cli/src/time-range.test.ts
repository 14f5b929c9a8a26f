import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeOption, timeRange } from './time-range.ts';

const NOW = Date.UTC(2026, 10, 2, 12);
const HOUR_MS = 3_600_000;

test('a range ends now unless told, and never later, which is said', () => {
  const range = { fromMs: NOW - HOUR_MS, toMs: NOW };
  assert.deepEqual(timeRange(NOW - HOUR_MS, undefined, NOW), { ok: true, range, notes: [] });
  assert.deepEqual(timeRange(NOW - HOUR_MS, NOW + HOUR_MS, NOW), {
    ok: true,
    range,
    notes: [
      '--to is in the future, 2026-11-02T13:00:00Z: what is there now is taken, up to 2026-11-02T12:00:00Z',
    ],
  });
});

test('a range in the future, a reversed one and an empty one say so', () => {
  const faultOf = (from: number, to?: number) => {
    const result = timeRange(from, to, NOW);
    return result.ok ? undefined : result.fault;
  };
  assert.match(faultOf(NOW + 1) ?? '', /--from is in the future, 2026-11-02T12:00:00Z/);
  assert.match(
    faultOf(NOW - HOUR_MS, NOW - 2 * HOUR_MS) ?? '',
    /--to, .*T10:00:00Z, must be later than --from, .*T11:00:00Z/,
  );
  assert.match(faultOf(NOW - HOUR_MS, NOW - HOUR_MS) ?? '', /must be later/);
});

test('what is no time names the choices', () => {
  assert.equal(timeOption('2026-11-02T12:00Z'), NOW);
  assert.throws(() => timeOption('yesterday'), /It must be like .*7d/);
});
