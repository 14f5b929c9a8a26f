import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { libraryModule } from './library-module.ts';
import { type BatchToWrite, encodeBatch, type RecordToWrite } from './record-writing.ts';

interface Theirs {
  readonly buffer: Buffer;
}

// What kafkajs would write itself: these modules are not replaced here.
const theirRecord = libraryModule<(record: RecordToWrite) => Theirs>('protocol/recordBatch/record/v0');
const { RecordBatch: theirBatch } = libraryModule<{ RecordBatch(batch: object): Promise<Theirs> }>(
  'protocol/recordBatch/v0',
);

const headerValues: readonly (string | Buffer | (string | Buffer)[])[] = [
  '',
  'plain',
  'ünïcödé 🎉',
  Buffer.from([0, 255, 128]),
  ['twice', Buffer.from('two')],
];

function records(count: number): RecordToWrite[] {
  return Array.from({ length: count }, (_, i) => ({
    key: [null, `key ${i}`, randomBytes(i), 'ключ'][i % 4] ?? null,
    value: i % 5 === 0 ? null : randomBytes(i * 37),
    headers: Object.fromEntries(
      headerValues.slice(0, i % (headerValues.length + 1)).map((value, j) => [`header-${j}`, value]),
    ),
    timestampDelta: (i % 3) * 2 ** (i % 31),
    offsetDelta: i,
  }));
}

function batchOf(records: readonly RecordToWrite[], compression: number): BatchToWrite {
  return {
    compression,
    firstTimestamp: 1_790_000_000_123,
    maxTimestamp: '1790000000999',
    lastOffsetDelta: records.length - 1,
    transactional: false,
    producerId: -1,
    producerEpoch: 0,
    firstSequence: 0,
    records,
  };
}

for (const compression of [0, 1]) {
  test(`batches are written byte for byte as by kafkajs, with codec ${compression}`, async () => {
    for (const count of [1, 2, 63, 64, 65, 300]) {
      const batch = batchOf(records(count), compression);
      const theirs = await theirBatch({ ...batch, records: batch.records.map(theirRecord) });
      assert.deepEqual(await encodeBatch(batch), theirs.buffer);
    }
  });
}

test('so are batches of a transaction', async () => {
  const batch = {
    ...batchOf(records(20), 0),
    ...{
      transactional: true,
      producerId: '9007199254740993',
      producerEpoch: 7,
      firstSequence: 2_000_000_000,
    },
  };
  const theirs = await theirBatch({ ...batch, records: batch.records.map(theirRecord) });
  assert.deepEqual(await encodeBatch(batch), theirs.buffer);
});

test('batches that are compressed at the same time do not mix', async () => {
  const batches = [10, 200, 50].map((count) => batchOf(records(count), 1));
  const alone: Buffer[] = [];
  for (const batch of batches) alone.push(await encodeBatch(batch));
  assert.deepEqual(await Promise.all(batches.map(encodeBatch)), alone);
});
