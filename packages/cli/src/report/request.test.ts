import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import type { ReportCommandOptions } from './options.ts';
import { reportRequest } from './request.ts';

const NOW = Date.UTC(2026, 10, 2, 12);
const HOUR_MS = 3_600_000;

function request(options: Partial<ReportCommandOptions>) {
  return reportRequest({ after: HOUR_MS, ...options }, NOW, 'Asia/Jakarta');
}

function faultsOf(options: Partial<ReportCommandOptions>): string {
  const result = request(options);
  return 'faults' in result ? result.faults.join('\n') : '';
}

test('a page of a range in Kafka, in the zone of the machine', () => {
  assert.deepEqual(request({ from: NOW - HOUR_MS, after: 90_000 }), {
    events: { kind: 'kafka', range: { fromMs: NOW - HOUR_MS, toMs: NOW } },
    afterMinutes: 1.5,
    timeZone: 'Asia/Jakarta',
    result: { kind: 'page', out: 'report.html' },
    notes: [],
  });
});

test('Parquet files are read as far as they go, or within the range', () => {
  const eventsOf = (options: Partial<ReportCommandOptions>) => {
    const result = request({ parquet: ['a'], ...options });
    return 'faults' in result ? result : result.events;
  };
  assert.deepEqual(eventsOf({}), { kind: 'parquet', files: ['a'], range: {} });
  assert.deepEqual(eventsOf({ to: 5 }), { kind: 'parquet', files: ['a'], range: { toMs: 5 } });
  assert.deepEqual(eventsOf({ from: 5 }), { kind: 'parquet', files: ['a'], range: { fromMs: 5 } });
  assert.deepEqual(eventsOf({ from: 5, to: 9 }), {
    kind: 'parquet',
    files: ['a'],
    range: { fromMs: 5, toMs: 9 },
  });
});

test('an audit writes no page', () => {
  const result = request({ from: NOW - 1, audit: true, json: true });
  assert.deepEqual('result' in result && result.result, { kind: 'audit', json: true });
});

test('what is wrong is said, all at once', () => {
  const faults = faultsOf({ from: NOW + 1, timeZone: 'jakarta', json: true });
  assert.match(faults, /--from is in the future/);
  assert.match(faults, /jakarta is no time zone: there are Asia\/Jakarta/);
  assert.match(faults, /--json goes with --audit/);
  assert.match(faultsOf({}), /where does it begin\? --from 7d/);
  assert.match(faultsOf({ from: 9, to: 5 }), /must be later than --from/);
  assert.match(
    faultsOf({ from: 9, timeZone: 'Nowhere' }),
    /there are Asia\/Jakarta, UTC, \+07:00 and others/,
  );
  assert.match(faultsOf({ from: 9, out: tmpdir() }), /is a folder/);
  assert.match(faultsOf({ from: 9, out: 'a.html', audit: true }), /it does not go with --out/);
});
