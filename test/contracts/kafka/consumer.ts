import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { activeEpoch, startMember } from './member.ts';
import { adminFor, keysOf, numbers, producerFor, type World } from './world.ts';

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Larger than the metadata of a commit may be by the broker's default of 4,096 bytes. */
const TOO_LONG = 'x'.repeat(5_000);

function assertInOrderWithoutGap(records: readonly KafkaRecord[]): void {
  const next = new Map<string, number>();
  for (const { topic, partition, offset } of records) {
    const key = `${topic}/${partition}`;
    assert.equal(offset, next.get(key) ?? 0);
    next.set(key, offset + 1);
  }
}

export function consumerContract(inWorld: () => World): void {
  test('a single member is given every partition, and each record once, in order and without a gap', async (t) => {
    const topics = [await inWorld().newTopic(3), await inWorld().newTopic(2)];
    for (const topic of topics) await inWorld().write(topic, 1_000);
    const member = await startMember(t, inWorld(), { group: inWorld().newName(), topics });
    await member.until('all is delivered', () => member.records.length >= 2_000);
    assert.deepEqual(
      member
        .active()
        ?.map(({ topic, partition, committed, startsAt }) => [topic, partition, committed, startsAt]),
      topics.flatMap((topic, i) =>
        Array.from({ length: 3 - i }, (_, partition) => [topic, partition, null, 0]),
      ),
    );
    assertInOrderWithoutGap(member.records);
    await inWorld().write(topics[0] ?? '', 10, 1_000);
    await member.until('what is new is delivered', () => member.records.length >= 2_010);
    assertInOrderWithoutGap(member.records);
    assert.deepEqual(member.gaps, []);
  });

  test('a partition delivers nothing before it is resumed, nor once it is paused, while another one flows', async (t) => {
    const otp = await inWorld().newTopic();
    const marketing = await inWorld().newTopic();
    await inWorld().write(marketing, 3_000);
    await inWorld().write(otp, 10);
    const member = await startMember(t, inWorld(), {
      group: inWorld().newName(),
      topics: [marketing, otp],
      resume: false,
      handlers: {
        records: (_epoch, [first]) => {
          if (first?.topic === marketing) member.consumer.pause({ topic: marketing, partition: 0 });
        },
      },
    });
    const of = (topic: string) => member.records.filter((record) => record.topic === topic);
    await activeEpoch(member);

    member.consumer.resume({ topic: otp, partition: 0 });
    await member.until('otp flows', () => of(otp).length === 10);
    assert.equal(of(marketing).length, 0);

    member.consumer.resume({ topic: marketing, partition: 0 });
    await member.until('marketing has filled up', () => of(marketing).length > 0);
    const held = of(marketing).length;
    for (let more = 1; more <= 3; more++) {
      await inWorld().write(otp, 10, 10 * more);
      await member.until('otp still flows', () => of(otp).length === 10 * (more + 1));
    }
    assert.equal(of(marketing).length, held);

    await inWorld().write(marketing, 100, 3_000);
    while (of(marketing).length < 3_100) {
      const before = of(marketing).length;
      member.consumer.resume({ topic: marketing, partition: 0 });
      await member.until('marketing goes on', () => of(marketing).length > before);
    }
    assert.deepEqual(keysOf(of(marketing)), numbers(0, 3_100));
  });

  test('a partition that is paused while another one is delivered keeps what was fetched with it', async (t) => {
    const topic = await inWorld().newTopic(3);
    await inWorld().write(topic, 30);
    const member = await startMember(t, inWorld(), {
      group: inWorld().newName(),
      topics: [topic],
      resume: false,
      handlers: {
        records: () => {
          for (const partition of member.active() ?? []) member.consumer.pause(partition);
        },
      },
    });
    await activeEpoch(member);
    const admin = await adminFor(t, inWorld());
    const partitions = () => new Set(member.records.map(({ partition }) => partition)).size;
    for (let round = 1; round <= 3; round++) {
      for (const partition of member.active() ?? []) member.consumer.resume(partition);
      await member.until('one more is delivered', () => partitions() === round);
      // The other batches of the fetch have been handled before a broker's answer to another question.
      await admin.brokerCount();
      assert.equal(partitions(), round);
    }
    assert.equal(member.records.length, 30);
  });

  test('offset and metadata that were committed are what the next activation starts from', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    const first = await startMember(t, inWorld(), { group, topics: [topic] });
    const epoch = await activeEpoch(first);
    const commit = { topic, partition: 0, offset: 4, metadata: '{"status":[1,2,3],"né":true}' };
    assert.equal(await first.consumer.commit(epoch, [{ ...commit, offset: 2, metadata: 'old' }]), true);
    assert.equal(await first.consumer.commit(epoch, [commit]), true);
    await first.consumer.stop();

    const second = await startMember(t, inWorld(), { group, topics: [topic] });
    await second.until('the rest is delivered', () => second.records.length === 6);
    const committed = { offset: 4, metadata: commit.metadata };
    assert.deepEqual(second.active(), [{ topic, partition: 0, committed, startsAt: 4 }]);
    assert.deepEqual(keysOf(second.records), numbers(4, 10));
  });

  test('a commit of an epoch that is over returns false and commits nothing', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    const admin = await adminFor(t, inWorld());
    const committed = async () => (await admin.committed(group, [topic])).get(topic)?.get(0)?.offset;
    const member = await startMember(t, inWorld(), { group, topics: [topic] });
    const over = await activeEpoch(member);
    await startMember(t, inWorld(), { group, topics: [topic] });
    await member.until('a new epoch', () => member.active() !== undefined && member.activations() > 1);

    const commit = { topic, partition: 0, offset: 5, metadata: '' };
    assert.equal(await member.consumer.commit(over, [commit]), false);
    assert.equal(await committed(), undefined);
    const epoch = await activeEpoch(member);
    assert.ok(epoch > over);
    assert.equal(await member.consumer.commit(epoch, [{ ...commit, offset: 6 }]), true);
    assert.equal(await committed(), 6);
    await member.consumer.stop();
    assert.equal(await member.consumer.commit(epoch, [{ ...commit, offset: 7 }]), false);
    assert.equal(await committed(), 6);
  });

  test('a commit that the broker refuses returns false, and reading goes on', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic();
    const member = await startMember(t, inWorld(), { group, topics: [topic] });
    const epoch = await activeEpoch(member);
    const commit = { topic, partition: 0, offset: 0, metadata: TOO_LONG };
    assert.equal(await member.consumer.commit(epoch, [commit]), false);
    assert.equal(await member.consumer.commit(epoch, []), false);
    await inWorld().write(topic, 3);
    await member.until('delivered', () => member.records.length === 3);
    assert.equal(await member.consumer.commit(epoch, [{ ...commit, metadata: 'short' }]), true);
  });

  for (const codec of CODECS) {
    test(`batches that the broker compressed with ${codec} are read`, async (t) => {
      const topic = await inWorld().newTopic(1, { 'compression.type': codec });
      const producer = await producerFor(t, inWorld());
      // Repetitive, and longer than any codec's block.
      const values = Array.from({ length: 100 }, (_, i) => Buffer.from(`{"message":${i}}`.repeat(400)));
      await producer.send(values.map((value) => ({ topic, key: 'k', value })));
      const member = await startMember(t, inWorld(), { group: inWorld().newName(), topics: [topic] });
      await member.until('all is delivered', () => member.records.length === values.length);
      assert.deepEqual(
        member.records.map(({ value }) => value),
        values,
      );
    });
  }

  test('a record larger than what is fetched at a time is delivered', async (t) => {
    const topic = await inWorld().newTopic();
    const producer = await producerFor(t, inWorld());
    for (const bytes of [10, 900_000, 10]) {
      await producer.send([{ topic, key: 'k', value: Buffer.alloc(bytes, 1) }]);
    }
    const member = await startMember(t, inWorld(), { group: inWorld().newName(), topics: [topic] });
    await member.until('all is delivered', () => member.records.length === 3);
    assert.deepEqual(
      member.records.map(({ value }) => value?.length),
      [10, 900_000, 10],
    );
  });
}
