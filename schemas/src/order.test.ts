import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compare } from './order.ts';

test('texts are ordered as their bytes in UTF-8 are', () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('a', 'b', '\u{ffff}', '😀'), fc.string({ unit: 'binary' })),
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compare(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2_000 },
  );
});

test('null comes first, false before true, numbers go by size', () => {
  assert.deepEqual([10, null, 9, -1].toSorted(compare), [null, -1, 9, 10]);
  assert.deepEqual([true, null, false].toSorted(compare), [null, false, true]);
});
