import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '@whatsapp-stream/service-kit';
import { watchPressure } from './pressure.ts';

const LOOK_MS = 250;

/** Doubled: the clock, whose timers come as late as the test says, and the heap. */
function setUp() {
  let nowMs = 0;
  let heapShare = 0.1;
  let look: (() => void) | null = null;
  const clock: Clock = {
    now: () => 0,
    monotonic: () => nowMs,
    after(_ms, callback) {
      look = callback;
      return () => {
        look = null;
      };
    },
  };
  const pressure = watchPressure(clock, { delayMs: 1_000, heapShare: 0.85 }, () => heapShare);
  const lookAfter = (ms: number) => {
    nowMs += ms;
    look?.();
    return pressure.isHigh();
  };
  return {
    lookAfter,
    setHeap: (share: number) => (heapShare = share),
    isArmed: () => look !== null,
    pressure,
  };
}

test('an event loop that comes late twice in a row is under pressure until it comes in time', () => {
  const { lookAfter } = setUp();
  assert.equal(lookAfter(LOOK_MS + 1_001), false);
  assert.equal(lookAfter(LOOK_MS + 1_001), true);
  assert.equal(lookAfter(LOOK_MS + 1_001), true);
  assert.equal(lookAfter(LOOK_MS + 999), false);
});

test('a single pause, however long, is none', () => {
  const { lookAfter } = setUp();
  for (let round = 0; round < 5; round++) {
    assert.equal(lookAfter(60_000), false);
    assert.equal(lookAfter(LOOK_MS), false);
  }
});

test('a heap that is nearly full twice in a row is pressure until there is room', () => {
  const { lookAfter, setHeap } = setUp();
  setHeap(0.86);
  assert.equal(lookAfter(LOOK_MS), false);
  assert.equal(lookAfter(LOOK_MS), true);
  setHeap(0.84);
  assert.equal(lookAfter(LOOK_MS), false);
});

test('once closed it looks no more', () => {
  const { pressure, isArmed, lookAfter } = setUp();
  lookAfter(LOOK_MS);
  assert.equal(isArmed(), true);
  pressure.close();
  assert.equal(isArmed(), false);
});
