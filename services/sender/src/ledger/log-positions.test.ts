import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeLogPositions, decodePassedOverTo, encodeLogPositions, lowestOf } from './log-positions.ts';

test('positions come back as they were committed', () => {
  const positions = fc.uniqueArray(fc.tuple(fc.nat(200), fc.maxSafeNat()), {
    selector: ([p]) => p,
    maxLength: 60,
  });
  fc.assert(
    fc.property(positions, (pairs) => {
      assert.deepEqual(decodeLogPositions(encodeLogPositions(new Map(pairs))), new Map(pairs));
    }),
  );
});

test('up to where records were passed over comes back beside them, or is not told', () => {
  const positions = new Map([[0, 5]]);
  for (const offset of [-1, 0, 12]) {
    const metadata = encodeLogPositions(positions, offset);
    assert.deepEqual([decodeLogPositions(metadata), decodePassedOverTo(metadata)], [positions, offset]);
  }
  for (const none of ['', 'null', '{"v":2,"log":[],"known":4}', '{"v":1,"log":[],"known":"4"}'])
    assert.equal(decodePassedOverTo(none), -1, none);
});

test('positions that do not fit into the metadata are not known rather than cut off', () => {
  const many = new Map(Array.from({ length: 1_000 }, (_, i) => [i, 1_000_000_000 + i]));
  assert.equal(encodeLogPositions(many), '');
});

test('metadata of anybody else is not understood', () => {
  for (const text of [
    '',
    '{}',
    'null',
    '[]',
    '{"v":2,"log":[]}',
    '{"v":1,"log":[1]}',
    '{"v":1,"log":[0,-1]}',
  ]) {
    assert.equal(decodeLogPositions(text), null, text);
  }
});

test('the lowest of several reaches back far enough for each of them', () => {
  const lowest = lowestOf([
    new Map([
      [0, 5],
      [1, 9],
    ]),
    new Map([
      [0, 7],
      [2, 3],
    ]),
  ]);
  assert.deepEqual(
    lowest,
    new Map([
      [0, 5],
      [1, 0],
      [2, 0],
    ]),
  );
});
