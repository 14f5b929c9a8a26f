import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchesIn, readInt64 } from './record-batch.ts';
import { batchBytes } from './test-support.ts';

test('the batches of a partition are told by their headers', () => {
  const bytes = Buffer.concat([
    batchBytes({ offsets: [5, 6, 7] }),
    batchBytes({ offsets: [9], first: 8, last: 12, producerId: 2 ** 40, transactional: true }),
    batchBytes({ offsets: [13], producerId: 7, marker: 'commit' }),
  ]);
  const facts = batchesIn(bytes).map((batch) => [
    batch.firstOffset,
    batch.nextOffset,
    batch.count,
    batch.producerId,
    batch.isTransactional,
    batch.isControl,
    batch.codec,
  ]);
  assert.deepEqual(facts, [
    [5, 8, 3, -1, false, false, 0],
    [8, 13, 1, 2 ** 40, true, false, 0],
    [13, 14, 1, 7, true, true, 0],
  ]);
});

test('a last batch that is cut off, wherever, is left out', () => {
  const [whole, cut] = [batchBytes({ offsets: [0, 1] }), batchBytes({ offsets: [2, 3] })];
  for (let length = 0; length < cut.length; length++) {
    assert.equal(batchesIn(Buffer.concat([whole, cut.subarray(0, length)])).length, 1);
  }
  assert.equal(batchesIn(Buffer.concat([whole, cut])).length, 2);
});

test('a log in an older format is refused', () => {
  assert.throws(() => batchesIn(batchBytes({ offsets: [0], magic: 1 })), /version 1/);
});

test('numbers of eight bytes are exact up to 2^53, and below zero', () => {
  const bytes = Buffer.alloc(8);
  for (const value of [0, -1, 1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, -(2 ** 40)]) {
    bytes.writeBigInt64BE(BigInt(value));
    assert.equal(readInt64(bytes, 0), value);
  }
});
