import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { VolumeRow } from '../figures.ts';
import { isTimeZone, zoneClock } from './clock.ts';
import { foldVolume } from './volume.ts';

const HOUR_MS = 3_600_000;
const row = (hour: string, messages: number, lane: string | null = 'otp'): VolumeRow => ({
  hourMs: Date.parse(hour),
  lane,
  messages,
  charged: messages - 1,
});
const range = (from: string, to: string) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) });

test('hours of UTC are folded to the days of the zone', () => {
  const rows = [row('2026-11-01T16:00Z', 5), row('2026-11-01T17:00Z', 7, 'marketing')];
  const { days, hours, hourly } = foldVolume(
    rows,
    range('2026-10-31T17:00Z', '2026-11-02T05:00Z'),
    zoneClock('Asia/Jakarta'),
  );
  assert.deepEqual(
    days.map(({ day, messages, charged, partly }) => ({ day, messages, charged, partly })),
    [
      { day: '2026-11-01', messages: 5, charged: 4, partly: null },
      { day: '2026-11-02', messages: 7, charged: 6, partly: 'until 12:00' },
    ],
  );
  assert.deepEqual(days[1]?.lanes, new Map([['marketing', 7]]));
  assert.deepEqual(hours.rows[0]?.hours[23], { messages: 5, charged: 4 });
  assert.deepEqual(hours.rows[1]?.hours[0], { messages: 7, charged: 6 });
  assert.equal(hours.rows[1]?.hours[12], null, 'an hour after the range');
  assert.equal(hours.begins[5], '05:00');
  assert.equal(hourly.length, 36);
  assert.deepEqual(hourly[24], {
    day: '2026-11-02',
    begins: '00:00',
    messages: 7,
    charged: 6,
    lanes: new Map([['marketing', 7]]),
  });
});

test('where hours of UTC begin at half past it is said, and an hour belongs to the day in which it begins', () => {
  const { days, hours, beginsAtMinute } = foldVolume(
    [row('2026-11-01T18:00Z', 3), row('2026-11-01T19:00Z', 4)],
    range('2026-11-01T18:00Z', '2026-11-01T20:00Z'),
    zoneClock('Asia/Kolkata'),
  );
  assert.equal(beginsAtMinute, 30);
  assert.equal(hours.begins[0], '00:30');
  assert.deepEqual(
    days.map(({ day, messages }) => [day, messages]),
    [
      ['2026-11-01', 3],
      ['2026-11-02', 4],
    ],
  );
});

test('where clocks are set back an hour of the day holds two, and where they are set forward one is missing', () => {
  const back = foldVolume(
    [row('2026-10-25T00:00Z', 3), row('2026-10-25T01:00Z', 4)],
    range('2026-10-24T22:00Z', '2026-10-25T23:00Z'),
    zoneClock('Europe/Berlin'),
  );
  assert.equal(back.hours.rows[0]?.hours[2]?.messages, 7);
  assert.deepEqual(back.offsets, ['GMT+2', 'GMT+1']);
  const forward = foldVolume([], range('2026-03-28T23:00Z', '2026-03-29T22:00Z'), zoneClock('Europe/Berlin'));
  assert.equal(forward.hours.rows[0]?.hours[2], null);
});

test('more days than fit are shown by the day of the week', () => {
  const { days, hours } = foldVolume(
    [row('2026-11-02T01:00Z', 3), row('2026-11-09T01:00Z', 4)],
    range('2026-11-01T00:00Z', '2026-12-31T00:00Z'),
    zoneClock('UTC'),
  );
  assert.equal(days.length, 60);
  assert.equal(hours.by, 'weekday');
  assert.deepEqual([hours.rows[0]?.name, hours.rows[0]?.hours[1]?.messages], ['Mon', 7]);
});

test('no message is lost or counted twice, whatever the zone', () => {
  const zones = ['UTC', 'Asia/Jakarta', 'Asia/Kolkata', 'America/St_Johns', 'Australia/Lord_Howe'];
  const start = Date.UTC(2026, 9, 1);
  const rows = fc.array(
    fc.record({
      hourMs: fc.integer({ min: 0, max: 24 * 60 }).map((hour) => start + hour * HOUR_MS),
      lane: fc.constantFrom('otp', 'marketing', null),
      messages: fc.nat(1_000),
      charged: fc.nat(1_000),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(rows, fc.constantFrom(...zones), (some, zone) => {
      const clock = zoneClock(zone);
      const { days, hours } = foldVolume(some, { fromMs: start, toMs: start + 20 * 24 * HOUR_MS }, clock);
      for (const what of ['messages', 'charged'] as const) {
        const sum = (of: readonly { readonly messages: number; readonly charged: number }[]) =>
          of.reduce((total, one) => total + one[what], 0);
        assert.equal(sum(days), sum(some));
        assert.equal(sum(hours.rows.flatMap((one) => one.hours.filter((cell) => cell !== null))), sum(some));
      }
    }),
    { numRuns: 25 },
  );
});

test('a time zone is known by its name', () => {
  assert.deepEqual(['Asia/Jakarta', 'UTC', '+05:30', 'Asia/Jakata', ''].map(isTimeZone), [
    true,
    true,
    true,
    false,
    false,
  ]);
});
