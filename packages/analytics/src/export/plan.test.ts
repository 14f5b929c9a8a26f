import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share } from './plan.ts';

const counts = (...records: readonly number[]) =>
  new Map(records.map((count, partition) => [partition, count]));

test('partitions are shared so that each thread has about as much, and each is in one', () => {
  const shares = share(counts(100_000, 10_000, 60_000, 30_000, 20_000), 2);
  assert.deepEqual(shares, [
    [0, 1],
    [2, 3, 4],
  ]);
});

test('what is little takes one thread, and what is nothing takes none', () => {
  assert.deepEqual(share(counts(10, 10, 0), 3), [[0, 1]]);
  assert.deepEqual(share(counts(0, 0), 3), []);
});

test('there are no more threads than partitions with records', () => {
  assert.equal(share(counts(1_000_000, 0, 1_000_000), 8).length, 2);
});
