import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPace, type Pace } from './pace.ts';

/** Sends whenever the pace allows, waking up `late(i)` ms after each wait is over; gives the times. */
function sendAll(pace: Pace, count: number, late: (i: number) => number): number[] {
  const times: number[] = [];
  let now = 0;
  while (times.length < count) {
    const wait = pace.waitMs(now);
    if (wait > 0) {
      now += wait + late(times.length);
      continue;
    }
    assert.ok(pace.take(now)(now), 'what leaves in its slot may leave');
    times.push(now);
  }
  return times;
}

/** The most requests in any half-open window of `windowMs`. */
function mostInAWindow(times: readonly number[], windowMs: number): number {
  let most = 0;
  for (let from = 0, to = 0; from < times.length; from++) {
    while (to < times.length && (times[to] ?? 0) - (times[from] ?? 0) < windowMs) to += 1;
    most = Math.max(most, to - from);
  }
  return most;
}

test('requests are spaced evenly over the window', () => {
  const times = sendAll(createPace({ limit: 50, windowMs: () => 1_020 }), 200, () => 0);
  for (const [i, time] of times.entries()) assert.ok(Math.abs(time - i * 20.4) < 1e-6);
});

test('no window ever holds more than the limit, however late the timers are', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0, max: 5_000, noNaN: true }),
      (limit, delays, catchUpMs) => {
        const pace = createPace({ limit, windowMs: () => 1_020, catchUpMs });
        pace.holdUntil(0);
        const times = sendAll(pace, 300, (i) => delays[i % delays.length] ?? 0);
        assert.ok(mostInAWindow(times, 1_020 - 1e-6) <= limit);
      },
    ),
    { numRuns: 200 },
  );
});

test('timers that are a few ms late cost less than half a percent of the budget', () => {
  const times = sendAll(createPace({ limit: 50, windowMs: () => 1_020 }), 501, (i) => (i * 7) % 5);
  assert.ok((times.at(-1) ?? 0) - (times[0] ?? 0) < 500 * 20.4 * 1.005);
});

test('what idle time did not use is not made up', () => {
  const pace = createPace({ limit: 50, windowMs: () => 1_000 });
  pace.take(0);
  pace.resume(10_000);
  assert.equal(pace.waitMs(10_000), 0);
  pace.take(10_000);
  assert.equal(pace.waitMs(10_000), 20);
});

test('a stall is caught up with by no more than the catch-up', () => {
  const pace = createPace({ limit: 100, windowMs: () => 1_000, catchUpMs: 25 });
  pace.take(0);
  const burst = sendAll(
    { ...pace, waitMs: (now) => pace.waitMs(now + 500), take: (now) => pace.take(now + 500) },
    5,
    () => 0,
  );
  // 25 ms are two and a half spacings: three leave at once, the fourth waits for the rest.
  assert.deepEqual(burst, [0, 0, 0, 5, 15]);
});

test('after a hold nothing leaves early and nothing is made up', () => {
  const pace = createPace({ limit: 50, windowMs: () => 1_000 });
  pace.holdUntil(1_000);
  assert.equal(pace.waitMs(400), 600);
  assert.equal(pace.waitMs(1_000), 0);
});

test('a request that leaves later than it was let go counts from when it left', () => {
  const pace = createPace({ limit: 2, windowMs: () => 1_000 });
  const left = pace.take(0);
  pace.take(500);
  left(80);
  assert.equal(pace.waitMs(1_000), 80);
});

test('after a hold two windows are a little longer, then they are not', () => {
  const pace = createPace({ limit: 50, windowMs: () => 1_000, gentleMs: 100 });
  pace.holdUntil(0);
  const times = sendAll(pace, 200, () => 0);
  assert.ok(Math.abs((times[100] ?? 0) - 2 * 1_100) < 1e-6);
  assert.ok(Math.abs((times[150] ?? 0) - (times[100] ?? 0) - 1_000) < 1e-6);
});

/** A window that changes in the middle of the work: some length from each of some times on. */
const changingWindow = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1_000, max: 5_000 })), {
    maxLength: 10,
  })
  .map((changes) => {
    const inOrder = changes.toSorted(([a], [b]) => a - b);
    return (now: number) => inOrder.findLast(([from]) => from <= now)?.[1] ?? 1_020;
  });

const delays = (max: number) =>
  fc.array(fc.double({ min: 0, max, noNaN: true }), { minLength: 1, maxLength: 50 });

test('whenever a request is let go, the window as long as it is then holds no more than the limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), changingWindow, delays(200), (limit, windowMs, late) => {
      const times = sendAll(createPace({ limit, windowMs }), 300, (i) => late[i % late.length] ?? 0);
      for (let i = limit; i < times.length; i++) {
        const now = times[i] ?? 0;
        assert.ok(now - (times[i - limit] ?? 0) >= windowMs(now) - 1e-6, `request ${i} at ${now}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('a window that widens withdraws nothing that is on its way, and holds back the next', () => {
  let windowMs = 1_000;
  const pace = createPace({ limit: 2, windowMs: () => windowMs });
  assert.ok(pace.take(0)(0));
  assert.ok(pace.take(500)(500));
  const onItsWay = pace.take(1_000);
  windowMs = 5_000;
  assert.ok(onItsWay(1_010));
  assert.equal(pace.waitMs(1_010), 500 + 5_000 - 1_010);
});

test('requests that are on their way count: what leaves late holds back what follows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), changingWindow, delays(300), (limit, windowMs, held) => {
      const pace = createPace({ limit, windowMs });
      const onTheirWay: { readonly leavesAt: number; readonly leave: (at: number) => boolean }[] = [];
      const departed: number[] = [];
      const taken: number[] = [];
      for (let now = 0; now < 20_000; now += 1) {
        while (pace.waitMs(now) === 0) {
          onTheirWay.push({ leavesAt: now + (held[taken.length % held.length] ?? 0), leave: pace.take(now) });
          taken.push(now);
        }
        for (const one of onTheirWay.filter(({ leavesAt }) => leavesAt <= now)) {
          if (one.leave(now)) departed.push(now);
          onTheirWay.splice(onTheirWay.indexOf(one), 1);
        }
      }
      // No window was ever shorter than a second: that is what Verihubs counts by.
      assert.ok(mostInAWindow(departed, 1_000 - 1e-6) <= limit);
    }),
    { numRuns: 30 },
  );
});

test('after Retry-After nothing is made up', () => {
  const pace = createPace({ limit: 50, windowMs: () => 1_000, heldUntil: () => 990 });
  assert.equal(pace.waitMs(400), 590);
  assert.deepEqual(
    sendAll(pace, 3, () => 0).map((time) => Math.round(time)),
    [990, 1_010, 1_030],
  );
});

test('requests that were held up do not leave together', () => {
  const pace = createPace({ limit: 10, windowMs: () => 1_000 });
  const held: ((leavesAt: number) => boolean)[] = [];
  for (let now = 0; now <= 4_000; now += 1) if (pace.waitMs(now) === 0) held.push(pace.take(now));
  assert.ok(held.length > 30);
  assert.equal(held.filter((leave) => leave(4_000)).length, 10);
});
