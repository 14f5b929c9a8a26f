import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kafka, KafkaRecord, StartAt, TopicReaderEvents } from '@whatsapp-stream/kafka';
import { readPlaces } from './read-places.ts';

const TOPIC = 'x.otp';
const never = async (): Promise<never> => assert.fail('not to be used');

/** A topic with records at offsets 10 to 19 of two partitions, but for some that are gone from the midst. */
function kafkaWith(missing: readonly number[] = []) {
  const starts: (readonly [number, number])[][] = [];

  function recordsFrom(partition: number, start: number): readonly KafkaRecord[] {
    return Array.from({ length: 20 - start }, (_, i) => start + i)
      .filter((offset) => !missing.includes(offset))
      .map((offset) => ({
        ...{ topic: TOPIC, partition, offset, timestamp: 0, headers: {} },
        key: Buffer.from('k'),
        value: Buffer.from(`${partition}@${offset}`),
      }));
  }

  async function readTopic(_topic: string, from: StartAt, events: TopicReaderEvents) {
    assert.ok(from instanceof Map);
    starts.push([...from]);
    const positions = new Map<number, number>(from);
    setImmediate(() => {
      for (const [partition, start] of from) {
        positions.set(partition, 20);
        events.records(recordsFrom(partition, start));
      }
    });
    return { positions: () => positions, close: async () => undefined };
  }

  const range = { low: 10, high: 20 };
  const kafka: Kafka = {
    ping: never,
    producer: never,
    exclusiveConsumer: () => assert.fail('not to be used'),
    sharedConsumer: () => assert.fail('not to be used'),
    readRange: () => assert.fail('not to be used'),
    readTopic,
    admin: async () => ({
      createTopic: never,
      addPartitions: never,
      describeTopic: never,
      offsets: async () => new Map([0, 1].map((partition) => [partition, range])),
      offsetsAt: never,
      committed: never,
      brokerCount: never,
      close: async () => undefined,
    }),
  };
  return { kafka, starts };
}

async function read(kafka: Kafka, wanted: readonly (readonly [number, number])[], maxBytes?: number) {
  const targets = wanted.map(([partition, offset]) => ({ place: { topic: TOPIC, partition, offset } }));
  const stop = new AbortController().signal;
  const options = { kafka, topic: TOPIC, stop, ...(maxBytes === undefined ? {} : { maxBytes }) };
  const found: string[] = [];
  for await (const some of readPlaces(options, targets)) {
    for (const { target, record } of some) {
      const { partition, offset } = target.place;
      found.push(record ? String(record.value) : `${partition}@${offset} gone`);
    }
  }
  return found.toSorted();
}

test('it reads what stands at the places, and nothing of other partitions', async () => {
  const { kafka, starts } = kafkaWith();
  assert.deepEqual(
    await read(kafka, [
      [1, 15],
      [1, 12],
    ]),
    ['1@12', '1@15'],
  );
  assert.deepEqual(starts, [
    [
      [0, 20],
      [1, 12],
    ],
  ]);
});

test('what is deleted, never was, or is missing in the midst is told as gone', async () => {
  const { kafka } = kafkaWith([14, 15]);
  const wanted = [
    [0, 9],
    [0, 20],
    [2, 12],
    [0, 14],
    [0, 15],
    [0, 16],
  ] as const;
  const expected = ['0@14 gone', '0@15 gone', '0@16', '0@20 gone', '0@9 gone', '2@12 gone'];
  assert.deepEqual(await read(kafka, wanted), expected);
});

test('what does not fit into memory at once is read in portions, each place once', async () => {
  const { kafka, starts } = kafkaWith([17]);
  const wanted = [
    [0, 11],
    [0, 13],
    [0, 17],
    [1, 18],
    [1, 19],
  ] as const;
  assert.deepEqual(await read(kafka, wanted, 1), ['0@11', '0@13', '0@17 gone', '1@18', '1@19']);
  assert.ok(starts.length > 2);
});

test('where nothing is left to read, no reader is opened', async () => {
  const { kafka, starts } = kafkaWith();
  assert.deepEqual(await read(kafka, [[0, 3]]), ['0@3 gone']);
  assert.deepEqual(starts, []);
});
