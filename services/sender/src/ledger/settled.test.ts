import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSettledMessages } from './settled.ts';

/** Forgets message by message, unless told otherwise; each lies in the log at the offset of its number. */
function setUp({ windowMs = 1_000, maxMessages = 100, chunkMessages = 1 } = {}) {
  const settled = createSettledMessages({ windowMs, maxMessages, chunkMessages, chunkMs: 100 });
  return {
    settled,
    remember: (n: number, now = 0) => settled.remember(`m${n}`, n, { partition: 0, offset: n }, now),
    known: (...ns: number[]) => ns.filter((n) => settled.has(`m${n}`)),
  };
}

const at = (position: number) => new Map([[0, position]]);

test('a message is remembered for the window, with what it held', () => {
  const { settled, remember, known } = setUp();
  remember(1);
  remember(2, 1_000);
  assert.deepEqual(known(1, 2), [1, 2]);
  remember(3, 1_001);
  assert.deepEqual(known(1, 2, 3), [2, 3]);
  assert.deepEqual([settled.contentOf('m1'), settled.contentOf('m2')], [null, 2]);
  settled.remember('m4', null, { partition: 0, offset: 4 }, 1_001);
  assert.deepEqual([settled.contentOf('m4'), settled.has('m4'), settled.size()], [null, true, 3]);
});

test('no more are remembered than allowed: the oldest go', () => {
  const { remember, known } = setUp({ maxMessages: 2 });
  for (const n of [1, 2, 3]) remember(n);
  assert.deepEqual(known(1, 2, 3), [2, 3]);
});

test('one that is told again keeps its place', () => {
  const { remember, known } = setUp({ maxMessages: 2 });
  for (const n of [1, 2, 1, 3]) remember(n);
  assert.deepEqual(known(1, 2, 3), [2, 3]);
});

test('neighbours are forgotten together, and only then', () => {
  const { remember, known } = setUp({ chunkMessages: 3, windowMs: 50 });
  for (const n of [1, 2, 3]) remember(n, n * 10);
  remember(4, 80);
  assert.deepEqual(known(1, 2, 3, 4), [1, 2, 3, 4]);
  remember(5, 81);
  assert.deepEqual(known(1, 2, 3, 4, 5), [4, 5]);
});

test('what the committed offsets need is kept beyond window and number, until they need it no more', () => {
  const { settled, remember, known } = setUp({ maxMessages: 1 });
  settled.pin(at(2));
  for (const n of [1, 2, 3]) remember(n, n * 5_000);
  assert.deepEqual(known(1, 2, 3), [2, 3]);
  settled.pin(at(3));
  remember(4, 20_000);
  assert.deepEqual(known(2, 3, 4), [3, 4]);
  settled.pin(null);
  remember(5, 20_001);
  assert.deepEqual(known(3, 4, 5), [5]);
});

test('in a partition of the log that the pin does not name everything is needed', () => {
  const { settled, known } = setUp({ maxMessages: 1 });
  settled.pin(at(100));
  settled.remember('m1', 1, { partition: 1, offset: 0 }, 0);
  settled.remember('m2', 2, { partition: 0, offset: 0 }, 0);
  assert.deepEqual(known(1, 2), [1, 2]);
});

test('it tells from where on nothing was forgotten, also after the log was read again', () => {
  const { settled, remember } = setUp({ maxMessages: 1 });
  remember(7);
  assert.deepEqual(settled.completeFrom(), new Map());
  remember(9);
  assert.deepEqual(settled.completeFrom(), at(8));
  settled.readAgainFrom(at(5));
  assert.deepEqual(settled.completeFrom(), at(5));
});
