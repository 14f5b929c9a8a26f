import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHours, type Hours, isWithin } from './hours.ts';

const at = (time: string) => Date.parse(time);
const hoursOf = (from: number, until: number, zone: string) => createHours(from * 60, until * 60, zone);

function expect(hours: Hours, cases: Readonly<Record<string, boolean>>): void {
  for (const [time, within] of Object.entries(cases)) assert.equal(isWithin(hours, at(time)), within, time);
}

test('the first minute is within, the last is not, by the clocks of the zone', () => {
  expect(hoursOf(8, 20, 'Asia/Jakarta'), {
    '2026-05-01T07:59:59.999+07:00': false,
    '2026-05-01T08:00:00.000+07:00': true,
    '2026-05-01T19:59:59.999+07:00': true,
    '2026-05-01T20:00:00.000+07:00': false,
    '2026-05-01T00:59:00Z': false,
    '2026-05-01T01:00:00Z': true,
  });
});

test('zones with half and quarter hours are told rightly', () => {
  expect(hoursOf(8, 20, 'Asia/Kathmandu'), { '2026-05-01T02:14:59Z': false, '2026-05-01T02:15:00Z': true });
  expect(hoursOf(8, 20, 'Asia/Kolkata'), { '2026-05-01T02:29:59Z': false, '2026-05-01T02:30:00Z': true });
  expect(hoursOf(8, 20, 'UTC'), { '2026-05-01T07:59:59Z': false, '2026-05-01T08:00:00Z': true });
});

test('hours may go over midnight, or end at it', () => {
  expect(hoursOf(20, 2, 'Asia/Jakarta'), {
    '2026-05-01T19:59:00+07:00': false,
    '2026-05-01T20:00:00+07:00': true,
    '2026-05-02T00:00:00+07:00': true,
    '2026-05-02T01:59:00+07:00': true,
    '2026-05-02T02:00:00+07:00': false,
  });
  expect(hoursOf(8, 0, 'Asia/Jakarta'), {
    '2026-05-01T23:59:59+07:00': true,
    '2026-05-02T00:00:00+07:00': false,
    '2026-05-02T08:00:00+07:00': true,
  });
});

test('hours follow summer time', () => {
  expect(hoursOf(8, 20, 'Europe/Berlin'), {
    '2026-03-28T06:59:00Z': false,
    '2026-03-28T07:00:00Z': true,
    '2026-03-29T05:59:00Z': false,
    '2026-03-29T06:00:00Z': true,
    '2026-10-24T17:59:00Z': true,
    '2026-10-24T18:00:00Z': false,
    '2026-10-25T18:59:00Z': true,
    '2026-10-25T19:00:00Z': false,
  });
});

test('hours that are skipped do not come that day, those that are repeated come twice', () => {
  const hours = createHours(2 * 60 + 15, 2 * 60 + 45, 'Europe/Berlin');
  const minutesWithin = (day: string) => {
    const start = at(`${day}T00:00:00Z`);
    return Array.from({ length: 180 }, (_, i) => isWithin(hours, start + i * 60_000)).filter(Boolean).length;
  };
  assert.equal(minutesWithin('2026-03-28'), 30);
  assert.equal(minutesWithin('2026-03-29'), 0);
  assert.equal(minutesWithin('2026-10-25'), 60);
});

test('a clock that jumps back is followed', () => {
  expect(hoursOf(8, 20, 'UTC'), {
    '2026-05-01T08:00:00Z': true,
    '2026-05-01T07:00:00Z': false,
    '1969-12-31T08:00:30Z': true,
  });
});

test('an unknown zone is refused', () => {
  assert.throws(() => createHours(0, 60, 'Asia/Atlantis'), RangeError);
});
