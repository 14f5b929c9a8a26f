import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createAppender, KafkaWriteError, type NewRecord } from '@whatsapp-stream/kafka';
import { readAll } from './reading.ts';
import { adminFor, producerFor, type World } from './world.ts';

/** Murmur2 of the key's bytes, from Kafka's own UtilsTest.testMurmur2. */
const MURMUR2: readonly (readonly [key: string, hash: number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

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
    await assert.rejects(producer.send([{ topic: missing, key: 'a', value: null }]), KafkaWriteError);
    assert.equal(await admin.describeTopic(missing), null);
    assert.equal((await producer.send([{ topic, key: 'a', value: null }])).length, 1);
  });

  test('a record larger than the topic takes is an error; the next write goes on', async (t) => {
    const topic = await inWorld().newTopic(1, { 'max.message.bytes': '1000' });
    const producer = await producerFor(t, inWorld());
    const large = { topic, key: 'a', value: randomBytes(2_000) };
    await assert.rejects(producer.send([large]), KafkaWriteError);
    assert.equal((await producer.send([{ topic, key: 'a', value: null }])).length, 1);
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
