import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeldBy } from './control-view.ts';
import type { LaneRow } from './lane-row.ts';
import { laneJson, lanesTable } from './lanes-table.ts';

const NOW = new Date(2026, 0, 31, 9, 5, 7).getTime();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const row = (lane: string, more: Partial<LaneRow> = {}): LaneRow => ({
  lane,
  topic: `whatsapp.send.${lane}`,
  heldBy: null,
  depth: 0,
  oldestAt: null,
  retentionMs: 7 * DAY_MS,
  publishedPerSecond: 0,
  donePerSecond: 0,
  ...more,
});
const held = (by: string | null, reason: string | null, all = false): HeldBy => ({
  said: { paused: true, reason, by },
  at: NOW - HOUR_MS,
  all,
});

test('the table has a line for each lane, numbers to the right, then who holds what', () => {
  const rows = [
    row('otp', { publishedPerSecond: 12.34, donePerSecond: 3.21 }),
    row('marketing', {
      heldBy: held('ana', 'wrong price'),
      depth: 12_345,
      oldestAt: NOW - 3 * HOUR_MS,
      publishedPerSecond: 1_200,
    }),
  ];
  assert.deepEqual(lanesTable(rows, NOW), [
    'lane       state   waiting  oldest  deleted in  published/s  done/s',
    'otp        open          0       –           –           12     3.2',
    'marketing  paused   12,345     3 h    6 d 21 h        1,200       0',
    '',
    'marketing is paused since 08:05:07 by ana: wrong price',
  ]);
});

test('a brake of all lanes is told once', () => {
  const all = { heldBy: held(null, null, true) };
  const lines = lanesTable([row('otp', all), row('marketing', all)], NOW);
  assert.deepEqual(lines.slice(3), ['', 'all lanes are paused since 08:05:07']);
});

test('it is said when the oldest is about to be deleted; what is kept for ever is not', () => {
  const lines = lanesTable(
    [
      row('otp', { depth: 1, oldestAt: NOW - 900 * DAY_MS, retentionMs: null }),
      row('marketing', { depth: 1, oldestAt: NOW - 6.5 * DAY_MS }),
      row('transactional', { depth: 1, oldestAt: NOW - 8 * DAY_MS }),
    ],
    NOW,
  );
  assert.match(lines[2] ?? '', /6 d 12 h +12 h /);
  assert.match(lines[3] ?? '', /8 d +0 ms /);
  assert.deepEqual(lines.slice(5), [
    "marketing: what is not sent until its topic's retention ends is lost",
    "transactional: what is not sent until its topic's retention ends is lost",
  ]);
});

test('what others wrote cannot steer the terminal', () => {
  const lines = lanesTable([row('otp', { heldBy: held('a\u001b[2J', 'x\r\ny') })], NOW);
  assert.doesNotMatch(lines.join(''), /\p{Cc}/u);
});

test('JSON has the same facts with their units', () => {
  const json = laneJson(row('otp', { heldBy: held('ana', null), depth: 2, oldestAt: NOW - 5_000 }), NOW);
  assert.deepEqual(JSON.parse(json), {
    at: NOW,
    lane: 'otp',
    topic: 'whatsapp.send.otp',
    paused: true,
    paused_with_all: false,
    paused_since: NOW - HOUR_MS,
    paused_by: 'ana',
    paused_reason: null,
    depth: 2,
    oldest_at: NOW - 5_000,
    oldest_age_ms: 5_000,
    retention_ms: 7 * DAY_MS,
    published_per_second: 0,
    done_per_second: 0,
  });
});
