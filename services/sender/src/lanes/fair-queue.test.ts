import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFairQueue, type FairQueue } from './fair-queue.ts';

function drain<T>(queue: FairQueue<T>): T[] {
  const items: T[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

const filled = (...items: readonly string[]) => {
  const queue = createFairQueue<string>();
  for (const item of items) queue.push(item.charAt(0), item);
  return queue;
};

test('sources take turns, however many items each has', () => {
  const queue = filled('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
  assert.equal(queue.size, 7);
  assert.deepEqual(drain(queue), ['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  assert.equal(queue.size, 0);
  assert.equal(queue.shift(), undefined);
});

test('a source that comes back waits for its turn', () => {
  const queue = filled('a1', 'b1', 'b2');
  assert.equal(queue.shift(), 'a1');
  queue.push('a', 'a2');
  assert.deepEqual(drain(queue), ['b1', 'a2', 'b2']);
});

test('what is pushed first comes before all sources, in its order, and is nobody’s turn', () => {
  const queue = filled('a1', 'a2', 'b1');
  assert.equal(queue.shift(), 'a1');
  queue.pushFirst('a0');
  queue.pushFirst('b0');
  assert.equal(queue.size, 4);
  assert.deepEqual(drain(queue), ['a0', 'b0', 'b1', 'a2']);
});

test('what is removed comes back once; the others keep order and turns', () => {
  const queue = filled('a1', 'a2', 'b1', 'c1', 'c2', 'c3');
  queue.pushFirst('x1');
  queue.pushFirst('x2');
  const removed = queue.removeWhere((item) => ['x1', 'a2', 'b1', 'c3'].includes(item));
  assert.deepEqual(removed, ['x1', 'a2', 'b1', 'c3']);
  assert.equal(queue.size, 4);
  queue.push('b', 'b2');
  assert.deepEqual(drain(queue), ['x2', 'a1', 'c1', 'b2', 'c2']);
});

test('the last items of a source can be removed, also all there are', () => {
  const queue = filled('a1', 'a2', 'a3');
  assert.deepEqual(
    queue.removeWhere((item) => item !== 'a1'),
    ['a2', 'a3'],
  );
  queue.push('a', 'a4');
  assert.deepEqual(drain(queue), ['a1', 'a4']);
  queue.push('a', 'a5');
  assert.deepEqual(
    queue.removeWhere(() => true),
    ['a5'],
  );
  assert.equal(queue.size, 0);
  assert.equal(queue.shift(), undefined);
  queue.push('a', 'a6');
  assert.deepEqual(drain(queue), ['a6']);
});

test('a great many items of one source, and a great many sources, are no burden', () => {
  const queue = createFairQueue<number>();
  const many = 300_000;
  for (let i = 0; i < many; i++) queue.push('one', i);
  for (let i = 0; i < many; i++) queue.push(`source ${i}`, many + i);
  assert.equal(queue.removeWhere((i) => i % 2 === 0).length, many);
  assert.equal(drain(queue).length, many);
});

interface Item {
  readonly source: string;
  readonly nth: number;
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ push: fc.constantFrom('a', 'b', 'c', 'd') }) },
  { weight: 1, arbitrary: fc.constant({ pushFirst: true } as const) },
  { weight: 4, arbitrary: fc.constant({ shift: true } as const) },
  { weight: 1, arbitrary: fc.record({ remove: fc.integer({ min: 2, max: 5 }) }) },
);

test('every item comes out once, in the order of its source, and nobody gets two turns before another', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = createFairQueue<Item>();
      let inside: Item[] = [];
      let nth = 0;
      /** For each source that has items, who was served since it came, or since its last turn. */
      const servedSince = new Map<string, Set<string>>();
      const keep = (still: readonly Item[]) => {
        inside = [...still];
        for (const source of servedSince.keys()) {
          if (!inside.some((item) => item.source === source)) servedSince.delete(source);
        }
      };
      const takeOne = () => {
        const item = queue.shift();
        assert.equal(item === undefined, inside.length === 0);
        if (!item) return;
        const expected = inside.find(({ source }) => source === item.source);
        assert.equal(item, expected, 'in the order of its source');
        if (inside.some(({ source }) => source === 'first')) assert.equal(item.source, 'first');
        if (item.source !== 'first') {
          for (const [source, served] of servedSince) {
            if (source === item.source) continue;
            assert.ok(!served.has(item.source), `${item.source} twice before ${source}`);
            served.add(item.source);
          }
          servedSince.set(item.source, new Set());
        }
        keep(inside.filter((one) => one !== item));
      };
      for (const one of steps) {
        nth += 1;
        if ('push' in one) {
          const item = { source: one.push, nth };
          inside.push(item);
          if (!servedSince.has(one.push)) servedSince.set(one.push, new Set());
          queue.push(one.push, item);
        } else if ('pushFirst' in one) {
          const item = { source: 'first', nth };
          inside.push(item);
          queue.pushFirst(item);
        } else if ('remove' in one) {
          const matches = (item: Item) => item.nth % one.remove === 0;
          const removed = queue.removeWhere(matches);
          assert.deepEqual(new Set(removed), new Set(inside.filter(matches)));
          keep(inside.filter((item) => !matches(item)));
        } else takeOne();
        assert.equal(queue.size, inside.length);
      }
      while (inside.length > 0) takeOne();
      assert.equal(queue.shift(), undefined);
    }),
  );
});
