import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLowWaterMark } from './low-water-mark.ts';

test('before anything came, the position is where reading starts', () => {
  assert.equal(createLowWaterMark(7).position(), 7);
});

test('the position stays at the oldest record that is not done, whatever is done above it', () => {
  const mark = createLowWaterMark(0);
  for (const offset of [3, 4, 9]) mark.received(offset);
  mark.done(9);
  mark.done(4);
  assert.deepEqual([mark.position(), mark.unfinished()], [3, 1]);
  mark.done(3);
  mark.done(3);
  assert.deepEqual([mark.position(), mark.unfinished()], [10, 0]);
});

test('an offset that comes again is refused: it would be committed before it is done', () => {
  const mark = createLowWaterMark(0);
  mark.received(0);
  assert.throws(() => mark.received(0), /offset 0 came after 0/);
});

test('in whichever order records are done, nothing is below the position that is not, and nothing done holds it up', () => {
  const steps = fc.record({
    gaps: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 50 }),
    order: fc.infiniteStream(fc.nat()),
    count: fc.nat(50),
  });
  fc.assert(
    fc.property(steps, ({ gaps, order, count }) => {
      const mark = createLowWaterMark(0);
      let offset = 0;
      const offsets = gaps.map((gap) => (offset += gap));
      for (const one of offsets) mark.received(one);
      const open = [...offsets];
      for (const at of order.take(Math.min(count, offsets.length)))
        mark.done(open.splice(at % open.length, 1)[0] ?? 0);
      assert.equal(mark.position(), open[0] ?? offset + 1);
      assert.equal(mark.unfinished(), open.length);
    }),
  );
});
