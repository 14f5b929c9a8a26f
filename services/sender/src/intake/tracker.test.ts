import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTracker } from './tracker.ts';

test('before anything came the mark is where reading started', () => {
  assert.equal(createTracker(7).lowWaterMark(), 7);
});

test('the mark stays at the first record that is not done, whatever is done above it', () => {
  const tracker = createTracker<string>(10);
  const [ten, eleven, twelve] = [10, 11, 12].map((offset) => tracker.received(offset));
  twelve?.done();
  eleven?.done();
  assert.equal(tracker.lowWaterMark(), 10);
  assert.deepEqual([tracker.unfinished(), tracker.held()], [1, 3]);
  ten?.done();
  assert.equal(tracker.lowWaterMark(), 13);
  assert.deepEqual([tracker.unfinished(), tracker.held()], [0, 0]);
});

test('of the notes of what is at or above the mark, done or not, the first one of each kind is given', () => {
  const tracker = createTracker<string>(10);
  const [ten, eleven, twelve] = [10, 11, 12].map((offset) => tracker.received(offset));
  assert.deepEqual(tracker.firstNotes(), []);
  twelve?.note('written', 'of twelve');
  ten?.note('written', 'of ten');
  ten?.note('written', 'of ten, once more');
  eleven?.note('known', 'of eleven');
  ten?.note('known', 'of ten, known');
  twelve?.done();
  assert.deepEqual(tracker.firstNotes(), ['of twelve', 'of eleven']);
  ten?.done();
  assert.deepEqual(tracker.firstNotes(), ['of twelve', 'of eleven']);
  eleven?.done();
  assert.deepEqual(tracker.firstNotes(), []);
});

test('the highest record with a note of a kind is known until the mark is above it', () => {
  const tracker = createTracker<null>(10);
  const [ten, eleven, twelve] = [10, 11, 12].map((offset) => tracker.received(offset));
  assert.equal(tracker.lastNoted('known'), -1);
  for (const record of [eleven, ten]) record?.note('known', null);
  twelve?.note('written', null);
  eleven?.done();
  assert.deepEqual([tracker.lastNoted('known'), tracker.lastNoted('written')], [11, 12]);
  ten?.done();
  assert.deepEqual([tracker.lastNoted('known'), tracker.lastNoted('written')], [-1, 12]);
});

test('offsets that never came hold nothing up', () => {
  const tracker = createTracker<null>(0);
  tracker.received(3).done();
  const nine = tracker.received(9);
  assert.equal(tracker.lowWaterMark(), 9);
  nine.done();
  assert.equal(tracker.lowWaterMark(), 10);
});

test('done twice counts once', () => {
  const tracker = createTracker<null>(0);
  const zero = tracker.received(0);
  tracker.received(1);
  zero.done();
  zero.done();
  assert.equal(tracker.unfinished(), 1);
});

test('an offset that comes again is refused: it would be committed before it is done', () => {
  const tracker = createTracker<null>(0);
  tracker.received(0);
  assert.throws(() => tracker.received(0), /offset 0 came after 0/);
});

test('in whatever order records finish, the mark is the lowest one that is not done', () => {
  const orders = fc
    .uniqueArray(fc.nat(5_000), { minLength: 1, maxLength: 1_500 })
    .chain((offsets) =>
      fc.tuple(fc.constant(offsets.toSorted((a, b) => a - b)), fc.shuffledSubarray(offsets)),
    );
  fc.assert(
    fc.property(orders, ([offsets, finished]) => {
      const tracker = createTracker<number>(0);
      const done = new Map(offsets.map((offset) => [offset, tracker.received(offset)]));
      for (const offset of finished) done.get(offset)?.done();
      const open = offsets.filter((offset) => !finished.includes(offset));
      assert.equal(tracker.lowWaterMark(), open[0] ?? (offsets.at(-1) ?? -1) + 1);
      assert.equal(tracker.unfinished(), open.length);
    }),
    { numRuns: 50 },
  );
});
