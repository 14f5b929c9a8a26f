import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mock, test } from 'node:test';
import { libraryModule } from './library-module.ts';
import { encodeRequest, type ProduceRequest } from './produce-request.ts';
import type { RecordToWrite } from './record-writing.ts';

// What kafkajs would write itself: it is not replaced here.
const theirRequest = libraryModule<
  (request: ProduceRequest) => { encode(): Promise<{ readonly buffer: Buffer }> }
>('protocol/requests/produce/v3/request');

const NOW = 1_790_000_000_123;

const headerValues: readonly (string | Buffer | (string | Buffer)[] | undefined)[] = [
  '',
  'plain',
  'ünïcödé 🎉',
  'long '.repeat(20),
  Buffer.from([0, 255, 128]),
  ['twice', Buffer.from('two')],
];

function messages(count: number, timestamps: readonly (string | null)[]): RecordToWrite[] {
  return Array.from({ length: count }, (_, i) => {
    const timestamp = timestamps[i % timestamps.length];
    return {
      key: [null, `key ${i}`, randomBytes(i), 'ключ', 'long '.repeat(20)][i % 5] ?? null,
      value: i % 5 === 0 ? null : randomBytes(i * 37),
      headers: Object.fromEntries(
        headerValues.slice(0, i % (headerValues.length + 1)).map((value, j) => [`header-${j}`, value ?? '']),
      ),
      ...(timestamp ? { timestamp } : {}),
    };
  });
}

function requestOf(
  counts: readonly number[],
  more: Partial<ProduceRequest> = {},
  timestamps = [''],
): ProduceRequest {
  return {
    acks: -1,
    timeout: 10_000,
    compression: 0,
    topicData: ['lane', 'статус'].map((topic) => ({
      topic,
      partitions: counts.map((count, partition) => ({
        partition,
        firstSequence: 0,
        messages: messages(count, timestamps),
      })),
    })),
    ...more,
  };
}

async function assertSameBytes(request: ProduceRequest): Promise<void> {
  mock.timers.enable({ apis: ['Date'], now: NOW });
  try {
    const theirs = await theirRequest(request).encode();
    assert.deepEqual(await encodeRequest(request, NOW), theirs.buffer);
  } finally {
    mock.timers.reset();
  }
}

for (const compression of [0, 1]) {
  test(`requests are written byte for byte as by kafkajs, with codec ${compression}`, async () => {
    for (const counts of [[1], [2, 63, 64], [65, 300]]) {
      await assertSameBytes(requestOf(counts, { compression }));
    }
  });
}

test('so are records with times of their own', async () => {
  await assertSameBytes(requestOf([1, 2, 40], {}, ['1790000000999', '1790000000000', '1790000002000']));
});

test('so are those of a transaction', async () => {
  const transaction = { transactionalId: 'one', producerId: '9007199254740993', producerEpoch: 7 };
  await assertSameBytes(requestOf([20, 1], transaction));
});

test('so are those of a producer whose number is small or missing', async () => {
  for (const producerId of [-1, 0, 1_000, 2 ** 40 + 5]) await assertSameBytes(requestOf([3], { producerId }));
});

test('a header without a value is left out', async () => {
  const encoded = [
    { a: '1', c: '3' },
    { a: '1', b: undefined, c: '3' },
  ].map((headers) => {
    const message = { value: 'x', headers };
    const partitions = [{ partition: 0, firstSequence: 0, messages: [message] }];
    return encodeRequest({ acks: -1, timeout: 1, topicData: [{ topic: 't', partitions }] }, NOW);
  });
  const [without, withUndefined] = await Promise.all(encoded);
  assert.deepEqual(withUndefined, without);
});

test('requests that are compressed at the same time do not mix', async () => {
  const requests = [10, 200, 50].map((count) => requestOf([count, 3], { compression: 1 }));
  const alone: Buffer[] = [];
  for (const request of requests) alone.push(await encodeRequest(request, NOW));
  assert.deepEqual(await Promise.all(requests.map((request) => encodeRequest(request, NOW))), alone);
});
