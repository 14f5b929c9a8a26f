import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createDoors } from './doors.ts';

const LANES = ['otp', 'marketing'];

function setUp() {
  const clock = manualClock(0);
  const brakes = new Map<string, { reason: string }>();
  const changed: string[] = [];
  const doors = createDoors({
    lanes: LANES,
    brake: (lane) => brakes.get(lane) ?? null,
    isWithinHours: (lane, now) => lane !== 'marketing' || now < 60_000,
    onChanged: (lane) => changed.push(lane),
    clock,
    log: createLogger('doors-test', 'silent'),
  });
  return { clock, brakes, changed, doors };
}

test('a brake closes its lane as soon as it is looked at, and no other', () => {
  const { brakes, changed, doors } = setUp();
  brakes.set('otp', { reason: 'paused by an operator' });
  doors.look();
  assert.deepEqual([doors.isOpen(0), doors.isOpen(1)], [false, true]);
  assert.equal(doors.closedBecause(0), 'paused by an operator');
  brakes.clear();
  doors.look();
  assert.equal(doors.isOpen(0), true);
  assert.deepEqual(changed, ['otp', 'otp']);
});

test('a lane closes by itself when its hours end', async () => {
  const { clock, changed, doors } = setUp();
  doors.start();
  await clock.advance(59_000);
  assert.equal(doors.isOpen(1), true);
  await clock.advance(1_000);
  assert.equal(doors.isOpen(1), false);
  assert.match(doors.closedBecause(1) ?? '', /hours/);
  assert.deepEqual(changed, ['marketing']);
});

test('another reason for a lane that is closed anyway changes nothing for those who wait', async () => {
  const { clock, brakes, changed, doors } = setUp();
  doors.start();
  await clock.advance(60_000);
  brakes.set('marketing', { reason: 'paused by an operator' });
  doors.look();
  assert.equal(doors.closedBecause(1), 'paused by an operator');
  assert.deepEqual(changed, ['marketing']);
});

test('what is closed at the start is closed from the start', () => {
  const clock = manualClock(0);
  const doors = createDoors({
    lanes: LANES,
    brake: () => ({ reason: 'all sending is paused' }),
    isWithinHours: () => true,
    onChanged: () => {},
    clock,
    log: createLogger('doors-test', 'silent'),
  });
  assert.deepEqual([doors.isOpen(0), doors.isOpen(1)], [false, false]);
});
