import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createAppender, KafkaWriteError, type NewRecord } from '@whatsapp-stream/kafka';
import { readAll } from './reading.ts';
import { adminFor, keysOf, producerFor, type World } from './world.ts';

/** Murmur2 of the key's bytes, from Kafka's own UtilsTest.testMurmur2. */
const MURMUR2: readonly (readonly [key: string, hash: number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

const MIB = 1024 * 1024;
/** What a broker refuses a record for. */
const SIZE_LIMITS = {
  'the largest that the topic takes': { 'max.message.bytes': String(MIB) },
  'a whole segment': { 'max.message.bytes': String(8 * MIB), 'segment.bytes': String(MIB) },
};
/** One that goes in a request of its own anyhow, and one that makes the broker refuse its neighbours with it. */
const TOO_LARGE = {
  'by far': { maxMessageBytes: MIB, bytes: 3 * MIB },
  'in the batch of the others': { maxMessageBytes: 1_000, bytes: 2_000 },
};

export function producerContract(inWorld: () => World): void {
  test('the position of each record, in the order given, is where it is read back', async (t) => {
    const topics = [await inWorld().newTopic(3), await inWorld().newTopic(2)];
    const producer = await producerFor(t, inWorld());
    const records = Array.from({ length: 60 }, (_, i): NewRecord => {
      const topic = topics[i % 2] ?? '';
      return { topic, key: i % 7 === 0 ? null : `k${i}`, value: Buffer.from(`v${i}`) };
    });
    const positions = [
      ...(await producer.send(records.slice(0, 40))),
      ...(await producer.send(records.slice(40))),
    ];
    assert.equal(positions.length, records.length);
    const read = (await Promise.all(topics.map((topic) => readAll(inWorld(), topic)))).flat();
    for (const [i, position] of positions.entries()) {
      const found = read.find(
        ({ topic, partition, offset }) =>
          topic === position.topic && partition === position.partition && offset === position.offset,
      );
      assert.equal(found?.value?.toString(), `v${i}`);
      assert.equal(found?.key?.toString() ?? null, records[i]?.key);
    }
  });

  for (const partitions of [1, 6, 12]) {
    test(`a key's partition is the one that Java's default partitioner takes, of ${partitions}`, async (t) => {
      const topic = await inWorld().newTopic(partitions);
      const producer = await producerFor(t, inWorld());
      const positions = await producer.send(
        MURMUR2.map(([key]) => ({ topic, key: Buffer.from(key), value: null })),
      );
      assert.deepEqual(
        positions.map(({ partition }) => partition),
        MURMUR2.map(([, hash]) => (hash & 0x7fffffff) % partitions),
      );
    });
  }

  test('a topic that does not exist is an error and is not created; the next write goes on', async (t) => {
    const missing = inWorld().newName();
    const topic = await inWorld().newTopic();
    const producer = await producerFor(t, inWorld());
    const admin = await adminFor(t, inWorld());
    await assert.rejects(
      producer.send([{ topic: missing, key: 'a', value: null }]),
      (error) => error instanceof KafkaWriteError && !error.tooLarge,
    );
    assert.equal(await admin.describeTopic(missing), null);
    assert.equal((await producer.send([{ topic, key: 'a', value: null }])).length, 1);
  });

  for (const [limit, config] of Object.entries(SIZE_LIMITS)) {
    test(`a record above ${limit} is an error that says so; the next write goes on`, async (t) => {
      const topic = await inWorld().newTopic(1, config);
      const producer = await producerFor(t, inWorld());
      const large = { topic, key: 'a', value: randomBytes(3 * MIB) };
      await assert.rejects(
        producer.send([large]),
        (error) => error instanceof KafkaWriteError && error.tooLarge,
      );
      const [next] = await producer.send([{ topic, key: 'a', value: null }]);
      assert.equal(next?.offset, 0);
    });
  }

  test('a record larger than the topic takes is written if it compresses well, and read back as it was', async (t) => {
    const topic = await inWorld().newTopic(1, { 'max.message.bytes': String(MIB) });
    const producer = await producerFor(t, inWorld());
    const value = '{"body_params":["123456"]}'.padEnd(64).repeat(65_536);
    await producer.send([{ topic, key: 'a', value: Buffer.from(value) }]);
    const [read] = await readAll(inWorld(), topic);
    assert.equal(read?.value?.length, 4 * MIB);
    assert.equal(read.value.toString(), value);
  });

  for (const [kind, { maxMessageBytes, bytes }] of Object.entries(TOO_LARGE)) {
    test(`of what is appended in one turn only the record that is too large is rejected: ${kind}`, async (t) => {
      const topic = await inWorld().newTopic(1, { 'max.message.bytes': String(maxMessageBytes) });
      const appender = createAppender(await producerFor(t, inWorld()));
      const append = (key: string, size: number) => appender.append({ topic, key, value: randomBytes(size) });
      const [before, large, after] = await Promise.allSettled([
        append('before', 10),
        append('large', bytes),
        append('after', 10),
      ]);
      assert.ok(large.status === 'rejected' && large.reason instanceof KafkaWriteError);
      assert.equal(large.reason.tooLarge, true);
      assert.ok(before.status === 'fulfilled' && after.status === 'fulfilled');
      const read = await readAll(inWorld(), topic);
      assert.equal(read[before.value.offset]?.key?.toString(), 'before');
      assert.equal(read[after.value.offset]?.key?.toString(), 'after');
      assert.equal(read.length, 2);
    });
  }

  test('records that are too large only together are all written, in order', async (t) => {
    const topic = await inWorld().newTopic(1, { 'max.message.bytes': '10000' });
    const appender = createAppender(await producerFor(t, inWorld()));
    const keys = Array.from({ length: 20 }, (_, i) => String(i));
    await Promise.all(keys.map((key) => appender.append({ topic, key, value: randomBytes(6_000) })));
    assert.deepEqual(keysOf(await readAll(inWorld(), topic)), keys);
  });

  test('keys, values and headers survive, as bytes and as nothing', async (t) => {
    const topic = await inWorld().newTopic();
    const producer = await producerFor(t, inWorld());
    const bytes = randomBytes(300);
    await producer.send([
      {
        topic,
        key: bytes,
        value: bytes,
        headers: { traceparent: '00-ab', text: 'naïve ✓', absent: undefined },
      },
      { topic, key: null, value: null },
      { topic, key: '', value: Buffer.alloc(0), headers: { empty: '' } },
    ]);
    assert.deepEqual(
      (await readAll(inWorld(), topic)).map(({ key, value, headers }) => ({ key, value, headers })),
      [
        { key: bytes, value: bytes, headers: { traceparent: '00-ab', text: 'naïve ✓' } },
        { key: null, value: null, headers: {} },
        { key: Buffer.alloc(0), value: Buffer.alloc(0), headers: { empty: '' } },
      ],
    );
  });

  test('no records are written by a write of none', async (t) => {
    const producer = await producerFor(t, inWorld());
    assert.deepEqual(await producer.send([]), []);
  });

  test('10,000 records through the appender arrive once and complete, each where it was said to be', async (t) => {
    const topic = await inWorld().newTopic(6);
    const appender = createAppender(await producerFor(t, inWorld()));
    const keys = Array.from({ length: 10_000 }, (_, i) => `m${i}`);
    const positions = await Promise.all(
      keys.map((key) => appender.append({ topic, key, value: Buffer.from(key) })),
    );
    await appender.drained();
    const read = new Map(
      (await readAll(inWorld(), topic)).map(({ partition, offset, key }) => [
        `${partition}/${offset}`,
        String(key),
      ]),
    );
    assert.equal(read.size, keys.length);
    assert.deepEqual(
      positions.map(({ partition, offset }) => read.get(`${partition}/${offset}`)),
      keys,
    );
  });
}
