import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWithin, withCause } from './log-range.ts';

test('reading starts where it was wanted, as long as the partition has that', () => {
  for (const wanted of [3, 5, 9]) assert.equal(startWithin(wanted, { low: 3, high: 9 }), wanted);
});

test('what was deleted, what lies beyond the end, and what is not known starts at the oldest record', () => {
  for (const wanted of [0, 2, 10, undefined]) assert.equal(startWithin(wanted, { low: 3, high: 9 }), 3);
});

const gap = { topic: 't', partition: 0, from: 4, to: 7 };
const offsets = (low: number) => ({ offsets: async () => new Map([[0, { low, high: 9 }]]) });

test('a gap below the oldest record is one of retention, another one of filtered records', async () => {
  assert.equal((await withCause(offsets(7), gap)).cause, 'retention');
  assert.equal((await withCause(offsets(4), gap)).cause, 'filtered');
});

test('a gap whose cause cannot be learned is taken for lost records', async () => {
  const offsets = () => Promise.reject(new Error('no broker'));
  assert.equal((await withCause({ offsets }, gap)).cause, 'retention');
});
