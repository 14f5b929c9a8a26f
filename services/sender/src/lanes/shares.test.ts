import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createShares, type Shares } from './shares.ts';

const OTP = 0;
const DEFAULT = [50, 30, 20];
const ALL = [true, true, true];

const picks = (shares: Shares, waiting: readonly boolean[], slots: number) =>
  Array.from({ length: slots }, () => shares.pick(waiting));

/** Slots until `lane` gets one, that one counted. */
function slotsUntil(lane: number, pick: () => number, atMost: number): number {
  for (let slots = 1; slots <= atMost; slots++) if (pick() === lane) return slots;
  return Number.POSITIVE_INFINITY;
}

test('while all lanes wait each gets its share, of ten slots exactly once the first are past', () => {
  const given = picks(createShares(DEFAULT), ALL, 1_000).slice(10);
  for (let start = 0; start + 10 <= given.length; start++) {
    const ten = given.slice(start, start + 10);
    assert.deepEqual(
      ALL.map((_, lane) => ten.filter((picked) => picked === lane).length),
      [5, 3, 2],
    );
  }
});

test('in any window of 10 to 20 slots each lane gets its share within one slot', () => {
  const given = picks(createShares(DEFAULT), ALL, 1_000);
  for (let length = 10; length <= 20; length++) {
    for (let start = 0; start + length <= given.length; start++) {
      const window = given.slice(start, start + length);
      for (const [lane, share] of DEFAULT.entries()) {
        const exact = (share * length) / 100;
        const count = window.filter((picked) => picked === lane).length;
        const within = count >= Math.floor(exact) - 1 && count <= Math.ceil(exact) + 1;
        assert.ok(within, `lane ${lane} got ${count} of ${length} slots from ${start} on`);
      }
    }
  }
});

test('ten tenths of a slot are a slot', () => {
  const given = picks(createShares([90, 10]), [true, true], 100);
  assert.deepEqual(
    given.flatMap((lane, i) => (lane === 1 ? [i + 1] : [])),
    [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  );
});

test('what an idle lane does not use goes to the most urgent one that waits', () => {
  const count = (waiting: readonly boolean[]) => {
    const given = picks(createShares(DEFAULT), waiting, 100);
    return DEFAULT.map((_, lane) => given.filter((picked) => picked === lane).length);
  };
  assert.deepEqual(count([true, true, false]), [70, 30, 0]);
  assert.deepEqual(count([true, false, true]), [80, 0, 20]);
  assert.deepEqual(count([false, true, true]), [0, 80, 20]);
  assert.deepEqual(count([false, false, true]), [0, 0, 100]);
  assert.deepEqual(count([true, false, false]), [100, 0, 0]);
});

test('no slot is given away while no lane waits, and nothing is earned', () => {
  const shares = createShares(DEFAULT);
  assert.deepEqual(picks(shares, [false, false, false], 100), Array(100).fill(-1));
  assert.deepEqual(picks(shares, ALL, 10), picks(createShares(DEFAULT), ALL, 10));
});

test('nobody saves up more than one slot', () => {
  const shares = createShares([2, 1, 1]);
  // The last lane waits only when the one before it is due: it earns, and never gets a slot.
  for (let i = 0; i < 1_000; i++) {
    picks(shares, [true, true, false], 3);
    assert.deepEqual(picks(shares, ALL, 1), [1]);
  }
  const given = picks(shares, ALL, 12);
  assert.ok(given.filter((lane) => lane === 2).length <= 4, given.join());
});

const waits = (lanes: number) => fc.array(fc.boolean(), { minLength: lanes, maxLength: lanes });

test('an otp that wakes gets one of the next slots, one for each lane and one, and mostly the next', () => {
  let wakes = 0;
  let next = 0;
  fc.assert(
    fc.property(
      fc.array(waits(3), { maxLength: 60 }),
      fc.array(waits(3), { minLength: 4 }),
      (before, after) => {
        const shares = createShares(DEFAULT);
        for (const waiting of before) shares.pick(waiting);
        const rest = after.values();
        const pick = () => shares.pick([true, ...(rest.next().value ?? ALL).slice(1)]);
        const slots = slotsUntil(OTP, pick, 4);
        wakes += 1;
        if (slots === 1) next += 1;
        return slots <= 4;
      },
    ),
    { numRuns: 2_000 },
  );
  assert.ok(next / wakes > 0.75, `${next} of ${wakes}`);
});

test('no lane that goes on waiting starves, whatever the shares and the others', () => {
  const lanes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(lanes, fc.nat(), fc.infiniteStream(fc.nat({ max: 63 })), (of, which, others) => {
      const lane = which % of.length;
      const shares = createShares(of);
      const pick = () => {
        const bits = others.next().value;
        return shares.pick(of.map((_, i) => i === lane || (bits & (1 << i)) !== 0));
      };
      const slot = of.reduce((a, b) => a + b, 0);
      // Its own slot is earned after slot / share; each other may have one before it, and earns meanwhile.
      const bound = Math.ceil(((of.length + 1) * slot) / Math.min(...of));
      for (let i = 0; i < 5; i++) if (slotsUntil(lane, pick, bound) > bound) return false;
      return true;
    }),
  );
});

test('shares that are no whole numbers, or nothing, are refused', () => {
  for (const share of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => createShares([50, share]), RangeError);
  }
});
