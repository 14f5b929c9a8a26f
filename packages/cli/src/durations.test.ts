import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration, parseTime, showDuration } from './durations.ts';

test('durations are read with their unit', () => {
  const cases: [string, number][] = [
    ['500ms', 500],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    [' 7d ', 604_800_000],
    ['0s', 0],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

test('what is no duration is undefined', () => {
  for (const text of ['', '5', 'm', '-5m', '5 minutes', '1e3s', '5M', '99999999999999d']) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test('a time is a duration back, or a date with or without a time of day', () => {
  const now = Date.UTC(2026, 0, 31, 8);
  assert.equal(parseTime('90s', now), now - 90_000);
  assert.equal(parseTime('2026-01-31T07:00Z', now), now - 3_600_000);
  assert.equal(parseTime('2026-01-31T08:00+07:00', now), now - 7 * 3_600_000);
  for (const text of [
    '',
    '8',
    '12:30',
    'yesterday',
    '2026-13-01',
    '2026-02-31',
    '2026-02-29T12:00Z',
    '-5m',
  ]) {
    assert.equal(parseTime(text, now), undefined, text);
  }
});

test('times that passed are shown in the unit that people would use', () => {
  const cases: [number, string][] = [
    [0, '0 ms'],
    [999, '999 ms'],
    [1_250, '1.2 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [90_000_000, '1 d 1 h'],
    [-1_250, '-1.2 s'],
  ];
  for (const [ms, text] of cases) assert.equal(showDuration(ms), text);
});
