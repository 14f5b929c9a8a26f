import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shareOut } from './share-out.ts';

const partitions = (count: number) => Array.from({ length: count }, (_, i) => `topic/${i}`);

test('a member that joins is given what the others have too much, and they keep the rest', () => {
  const [a, b] = [partitions(3), partitions(6).slice(3)];
  const shares = shareOut(
    [
      { id: 'c', had: [] },
      { id: 'a', had: a },
      { id: 'b', had: b },
    ],
    partitions(6),
  );
  assert.deepEqual(shares.get('a'), a.slice(0, 2));
  assert.deepEqual(shares.get('b'), b.slice(0, 2));
  assert.deepEqual(shares.get('c'), ['topic/2', 'topic/5']);
});

test('two that claim the same, and partitions that are no more, do no harm', () => {
  const had = [...partitions(4), 'gone/0', 'topic/0'];
  const shares = shareOut(
    [
      { id: 'a', had },
      { id: 'b', had },
    ],
    partitions(4),
  );
  assert.deepEqual([...shares.values()].flat().toSorted(), partitions(4));
});

test('every partition goes to one member, shares differ by one at most, and nobody loses more than he must', () => {
  const group = fc.record({
    count: fc.integer({ min: 0, max: 20 }),
    owners: fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 20, maxLength: 20 }),
    members: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(group, ({ count, owners, members }) => {
      const all = partitions(count);
      const sharers = Array.from({ length: members }, (_, id) => ({
        id: `m${id}`,
        had: all.filter((_, i) => owners[i] === id),
      }));
      const shares = shareOut(sharers, all);
      const sizes = [...shares.values()].map(({ length }) => length);
      assert.deepEqual([...shares.values()].flat().toSorted(), all.toSorted());
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      for (const { id, had } of sharers) {
        const kept = shares.get(id)?.filter((one) => had.includes(one)).length ?? 0;
        assert.ok(kept >= Math.min(had.length, Math.floor(count / members)));
      }
    }),
  );
});
