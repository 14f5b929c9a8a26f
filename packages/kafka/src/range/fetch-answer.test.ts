import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGrowingBytes } from '../growing-bytes.ts';
import { libraryModule } from '../library-module.ts';
import { readFetchAnswer } from './fetch-answer.ts';

const kafkaJs = libraryModule<{ decode(bytes: Buffer): Promise<unknown> }>(
  'protocol/requests/fetch/v11/response.js',
);

/** Two partitions of a topic: one with aborted transactions, one that is refused. None has records. */
function answerBytes(records: Buffer): Buffer {
  const to = createGrowingBytes();
  to.int32(20);
  to.int16(0);
  to.int32(0);
  to.int32(1);
  to.int16(5);
  to.bytes(Buffer.from('topic'));
  to.int32(2);
  for (const [partition, errorCode, aborted] of [
    [
      4,
      0,
      [
        [7, 90],
        [6, 30],
      ],
    ],
    [5, 6, null],
  ] as const) {
    to.int32(partition);
    to.int16(errorCode);
    for (const offset of [101, 2 ** 40, 3]) to.int64(offset);
    to.int32(aborted?.length ?? -1);
    for (const [producerId, firstOffset] of aborted ?? []) {
      to.int64(producerId);
      to.int64(firstOffset);
    }
    to.int32(-1);
    to.int32(errorCode === 0 ? records.length : -1);
    if (errorCode === 0) to.bytes(records);
  }
  return Buffer.from(to.view());
}

test('an answer is read, and its records are left as they are', () => {
  const records = Buffer.from('anything');
  const { throttleMs, errorCode, partitions } = readFetchAnswer(answerBytes(records));
  assert.deepEqual([throttleMs, errorCode], [20, 0]);
  assert.deepEqual(partitions, [
    {
      topic: 'topic',
      partition: 4,
      errorCode: 0,
      lastStableOffset: 2 ** 40,
      aborted: [
        { producerId: 6, firstOffset: 30 },
        { producerId: 7, firstOffset: 90 },
      ],
      records,
    },
    {
      topic: 'topic',
      partition: 5,
      errorCode: 6,
      lastStableOffset: 2 ** 40,
      aborted: [],
      records: Buffer.alloc(0),
    },
  ]);
});

test('kafkajs sees the same in it', async () => {
  const seen = JSON.parse(JSON.stringify(await kafkaJs.decode(answerBytes(Buffer.alloc(0)))));
  assert.equal(seen.clientSideThrottleTime, 20);
  assert.deepEqual(
    seen.responses[0].partitions.map(
      (one: { partition: number; errorCode: number; lastStableOffset: string }) => [
        one.partition,
        one.errorCode,
        one.lastStableOffset,
      ],
    ),
    [
      [4, 0, String(2 ** 40)],
      [5, 6, String(2 ** 40)],
    ],
  );
});
