import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPace } from './pace.ts';
import { createRegulator, type LessonKind, type Regulator } from './regulator.ts';
import { type RunOptions, runAgainstReceiver } from './test-support.ts';

const REFUSED = 'too many requests';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Told = readonly [kind: LessonKind, learntAt: number, tookMs: number];

const told = fc.tuple(
  fc.constantFrom<LessonKind>('too many requests', 'rejected by callback'),
  fc.double({ min: 0, max: 2 * HOUR, noNaN: true }),
  fc.double({ min: 0, max: 20_000, noNaN: true }),
);

function taught(lessons: readonly Told[], guardMs = 20): Regulator {
  const regulator = createRegulator(guardMs);
  for (const [kind, learntAt, tookMs] of lessons) regulator.lesson(kind, learntAt, learntAt - tookMs);
  return regulator;
}

test('without lessons the window is the second and the guard it was set to', () => {
  for (const now of [0, 1e9]) {
    assert.deepEqual(createRegulator(20).at(now), {
      guardMs: 20,
      share: 1,
      windowMs: 1_020,
      heldUntil: Number.NEGATIVE_INFINITY,
      reason: null,
    });
  }
});

test('a refusal widens the guard and lowers the share at once, and says what it changed', () => {
  const regulator = createRegulator(20);
  const learnt = regulator.lesson(REFUSED, 5_000, 4_900);
  const { guardMs, share, windowMs, reason } = regulator.at(5_000);
  assert.deepEqual([guardMs, share, windowMs, reason], [40, 0.95, 1_040 / 0.95, REFUSED]);
  assert.deepEqual([learnt?.before.windowMs, learnt?.after.windowMs], [1_020, 1_040 / 0.95]);
});

test('requests that had left before a lesson, or within a window after it, teach nothing more', () => {
  const regulator = createRegulator(20);
  assert.ok(regulator.lesson(REFUSED, 5_000, 4_900));
  assert.equal(regulator.lesson(REFUSED, 5_010, 4_920), null);
  assert.equal(regulator.lesson(REFUSED, 9_000, 6_019), null);
  assert.ok(regulator.lesson(REFUSED, 9_500, 6_020));
});

test('an answer whose call is not known is taken to have taken a second, a callback ten', () => {
  const regulator = createRegulator(20);
  assert.ok(regulator.lesson(REFUSED, 2_950));
  assert.equal(regulator.lesson(REFUSED, 4_900), null);
  assert.ok(regulator.lesson(REFUSED, 5_000));
  assert.equal(regulator.lesson('rejected by callback', 16_000), null);
  assert.ok(regulator.lesson('rejected by callback', 16_300));
  assert.equal(regulator.at(16_300).reason, 'rejected by callback');
});

test('the guard grows by 20 ms, then by twice as much each time, up to 500 ms', () => {
  const regulator = createRegulator(20);
  const guards = [0, 1, 2, 3, 4, 5].map((minute) => {
    regulator.lesson(REFUSED, minute * MINUTE);
    return regulator.at(minute * MINUTE).guardMs;
  });
  assert.deepEqual(guards, [40, 80, 160, 320, 500, 500]);
});

test('a guard that was set wider than that stays as it was set', () => {
  const regulator = taught([[REFUSED, 0, 0]], 800);
  assert.equal(regulator.at(0).guardMs, 800);
});

test('the share climbs by a hundredth each five seconds', () => {
  const regulator = taught([[REFUSED, 0, 0]]);
  for (const [now, share] of [
    [12_500, 0.975],
    [24_000, 0.998],
    [25_000, 1],
  ] as const)
    assert.ok(Math.abs(regulator.at(now).share - share) < 1e-9);
});

test('the guard stays for ten minutes; then what it was widened by halves every twenty', () => {
  const regulator = taught([
    [REFUSED, 0, 0],
    [REFUSED, MINUTE, 0],
  ]);
  const guards = [11, 31, 51].map((minute) => regulator.at(minute * MINUTE).guardMs);
  assert.deepEqual(guards, [80, 50, 35]);
});

test('a guard that is found too narrow while it is being narrowed grows by 20 ms only', () => {
  const regulator = taught([
    [REFUSED, 0, 0],
    [REFUSED, MINUTE, 0],
    [REFUSED, 31 * MINUTE, 0],
  ]);
  assert.equal(regulator.at(31 * MINUTE).guardMs, 70);
});

test('nothing leaves before Retry-After is over; the longest that was asked for counts', () => {
  const regulator = createRegulator(20);
  regulator.retryAfter(9_000);
  regulator.retryAfter(8_000);
  assert.deepEqual([regulator.at(0).heldUntil, regulator.at(0).reason], [9_000, 'Retry-After']);
  assert.equal(regulator.at(9_000).reason, null);
});

test('whatever was learnt, guard and share keep their bounds, and after four hours all is as at the start', () => {
  fc.assert(
    fc.property(
      fc.array(told, { maxLength: 60 }),
      fc.integer({ min: 0, max: 1_000 }),
      fc.array(fc.double({ min: 0, max: 6 * HOUR, noNaN: true }), { minLength: 1, maxLength: 20 }),
      (lessons, baseGuardMs, times) => {
        const regulator = taught(lessons, baseGuardMs);
        for (const now of times) {
          const { guardMs, share, windowMs } = regulator.at(now);
          assert.ok(guardMs >= baseGuardMs && guardMs <= Math.max(500, baseGuardMs));
          assert.ok(share >= 0.1 && share <= 1);
          assert.equal(windowMs, (1_000 + guardMs) / share);
        }
        assert.deepEqual(regulator.at(6 * HOUR), createRegulator(baseGuardMs).at(6 * HOUR));
      },
    ),
  );
});

test('lessons lead to the same in whatever order, and however often, they are told', () => {
  const inTwoOrders = fc
    .array(told, { maxLength: 60 })
    .chain((lessons) =>
      fc.tuple(
        fc.constant(lessons),
        fc.shuffledSubarray([...lessons, ...lessons], { minLength: 2 * lessons.length }),
      ),
    );
  fc.assert(
    fc.property(inTwoOrders, fc.double({ min: 0, max: 4 * HOUR, noNaN: true }), ([once, twice], now) => {
      assert.deepEqual(taught(twice).at(now), taught(once).at(now));
    }),
  );
});

test('more than can be remembered leads to the same in any order too', () => {
  const storm = Array.from({ length: 1_500 }, (_, i): Told => [REFUSED, i * 300, 100]);
  const now = 1_500 * 300;
  assert.deepEqual(taught(storm.toReversed()).at(now), taught(storm).at(now));
  assert.equal(taught(storm).at(now).guardMs, 500);
});

/** A generator that gives the same for the same seed (mulberry32, by Tommy Ettinger, public domain). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A sender with a guard of 20 ms, requests that are under way for up to `jitterMs`, answers after 20 to 200 ms. */
function runWithJitter(
  of: Pick<RunOptions, 'forMs' | 'takes'> & { readonly jitterMs: number; readonly seed: number },
) {
  const random = seeded(of.seed);
  const regulator = createRegulator(20);
  const pace = createPace({ limit: 50, windowMs: (now) => regulator.at(now).windowMs });
  return runAgainstReceiver({
    ...of,
    pace,
    regulator,
    wayMs: () => random() * of.jitterMs,
    answerMs: () => 20 + random() * 180,
  });
}

const inTheLast = (times: readonly number[], ms: number, endsAt: number) =>
  times.filter((at) => at >= endsAt - ms).length;

test('jitter of 50 ms is learnt with at most three refusals; then none for minutes, at over 90 % of the limit', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { refusedAt, takenAt } = runWithJitter({ forMs: 5 * MINUTE, takes: () => 50, jitterMs: 50, seed });
    assert.ok(refusedAt.length <= 3, `seed ${seed}: refused at ${refusedAt}`);
    assert.equal(inTheLast(refusedAt, 3 * MINUTE, 5 * MINUTE), 0);
    assert.ok(inTheLast(takenAt, 3 * MINUTE, 5 * MINUTE) > 0.9 * 180 * 50);
  }
});

test('once learnt, the jitter costs a refusal or two an hour', () => {
  const { refusedAt, takenAt } = runWithJitter({
    forMs: 3 * HOUR,
    takes: () => 50,
    jitterMs: 50,
    seed: 1,
  });
  const later = refusedAt.filter((at) => at > 10 * MINUTE);
  assert.ok(later.length <= 9, `refused at ${later}`);
  assert.ok(takenAt.length > 0.9 * 3 * 3_600 * 50);
});

test('where others use a fifth of the account, what they leave is used, and all of it when they have gone', () => {
  const takes = (at: number) => (at < HOUR ? 40 : 50);
  const { refusedAt, takenAt } = runWithJitter({ forMs: 3 * HOUR, takes, jitterMs: 10, seed: 1 });
  const rate = (from: number, to: number) =>
    takenAt.filter((at) => at >= from && at < to).length / ((to - from) / 1_000);
  assert.ok(refusedAt.length <= 30, `${refusedAt.length} refused`);
  assert.ok(rate(5 * MINUTE, HOUR) > 0.93 * 40, `${rate(5 * MINUTE, HOUR)} a second beside them`);
  assert.ok(rate(2.5 * HOUR, 3 * HOUR) > 0.96 * 50, `${rate(2.5 * HOUR, 3 * HOUR)} a second without them`);
});
