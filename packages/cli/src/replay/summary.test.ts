import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplayRequest } from './request.ts';
import { summaryLines } from './summary.ts';

const REQUEST: ReplayRequest = {
  range: { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 2, 12) },
  topic: 'status',
  where: {},
  format: 'ndjson',
  out: 'events.ndjson',
  states: false,
  overwrite: false,
  personalData: false,
  listSkipped: false,
  notes: [],
};
const SUMMARY = { events: 3_000, rows: 3_000, skipped: 0, files: ['events.ndjson'], tookMs: 2_000 };

test('tells how many events of which time are where, and how fast it went', () => {
  assert.deepEqual(summaryLines(REQUEST, SUMMARY), [
    '3,000 events from 2026-11-01T00:00:00Z to 2026-11-02T12:00:00Z written to events.ndjson in 2.0 s, 1,500 a second',
  ]);
});

test('tells the states and the events that they are folded from', () => {
  const [line] = summaryLines({ ...REQUEST, states: true, out: null }, { ...SUMMARY, rows: 1 });
  assert.match(line ?? '', /^1 state of 3,000 events from .* written to stdout in/);
});

test('tells files and days of Parquet', () => {
  const files = ['p/day=2026-11-01/a.parquet', 'p/day=2026-11-01/b.parquet', 'p/day=2026-11-02/a.parquet'];
  const [line] = summaryLines({ ...REQUEST, format: 'parquet', out: 'p' }, { ...SUMMARY, files });
  assert.match(line ?? '', / written to p \(3 files, 2 days\) in/);
});

test('tells what was left out, and how to see it', () => {
  const lineOf = (skipped: number, listSkipped: boolean) =>
    summaryLines({ ...REQUEST, listSkipped }, { ...SUMMARY, skipped })[1];
  assert.equal(lineOf(1, false), '1 record could not be read and is left out: --skipped lists them');
  assert.equal(lineOf(2, true), '2 records could not be read and are left out');
});
