/** Ranges of real topics, replayed while they grow. Doubled: nothing but sender and callback-ingest, who write here. */
import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setUp } from '@whatsapp-stream/cli';
import {
  createPublisher,
  InvalidRangeError,
  type ReplayOptions,
  replay,
  replayBatches,
  replaySendBatches,
  TopicNotFoundError,
} from '@whatsapp-stream/client';
import { createKafka, type NewRecord } from '@whatsapp-stream/kafka';
import {
  connectRegistry,
  createEncoder,
  newStatusEvent,
  type Status,
  subjectOf,
} from '@whatsapp-stream/schemas';
import { createForeignClient } from '../contracts/kafka/foreign.ts';
import { useStack } from '../support/stack.ts';
import { ownNames } from '../support/system.ts';

const { brokers, registryUrl } = await useStack();
const none = () => undefined;
const log = { debug: none, info: none, warn: none, error: none };
const addresses = brokers.split(',');
const kafka = createKafka({ brokers: addresses, clientId: 'replay-test', log });
const registry = connectRegistry({ url: registryUrl });
const foreign = createForeignClient(addresses);

async function ownTopics() {
  const names = ownNames();
  await setUp({ kafka, registry, names, replicationFactor: 1 });
  const { status } = names;
  const encoder = await createEncoder(registry, 'StatusEvent', subjectOf(status));

  const recordOf = (messageId: string, as: Status, lane: string): NewRecord => ({
    topic: status,
    key: messageId,
    value: encoder.encode(
      newStatusEvent({
        event_id: `${messageId} ${as}`,
        message_id: messageId,
        status: as,
        origin: 'SENDER',
        occurred_at: 0,
        lane,
      }),
    ),
  });
  return {
    names,
    /** As a stranger names them, who has only addresses. */
    cluster: { brokers: addresses, registry: registryUrl, topics: names },
    async append(records: readonly NewRecord[]): Promise<void> {
      const producer = await kafka.producer();
      await producer.send(records).finally(() => producer.close());
    },
    events: (from: number, to: number, as: Status = 'SENT', lane = 'otp') =>
      Array.from({ length: to - from }, (_, i) => recordOf(`m-${from + i}`, as, lane)),
  };
}

type Own = Awaited<ReturnType<typeof ownTopics>>;

async function idsOf(own: Own, options: ReplayOptions): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { event_id: id } of replay({ ...own.cluster, ...options })) ids.push(id);
  return ids.toSorted();
}

const idsFrom = (from: number, to: number, status: Status = 'SENT'): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => `m-${from + i} ${status}`).toSorted();

/** Kafka's clock has to move on by some ms between two writes. */
async function later(): Promise<number> {
  await sleep(20);
  const now = Date.now();
  await sleep(20);
  return now;
}

/** The broker's clock is this machine's. */
async function threeTimes(own: Own): Promise<readonly [number, number]> {
  await own.append(own.events(0, 30));
  const first = await later();
  await own.append(own.events(30, 60));
  const second = await later();
  await own.append(own.events(60, 90));
  return [first, second];
}

/** Most of a test is waiting for topics. */
const CONCURRENCY = 4;

suite('replay', { concurrency: CONCURRENCY }, () => {
  test('a range holds what Kafka took in its time: its beginning is part of it, its end is not', async () => {
    const own = await ownTopics();
    const [first, second] = await threeTimes(own);
    assert.deepEqual(await idsOf(own, { from: first, to: second }), idsFrom(30, 60));
    assert.deepEqual(await idsOf(own, { from: new Date(first) }), idsFrom(30, 90));
    assert.deepEqual(await idsOf(own, { from: 0, to: second + 3_600_000 }), idsFrom(0, 90));
    assert.deepEqual(await idsOf(own, { from: 0, to: 1 }), []);
  });

  test('it stops where the log ended when it began, though somebody keeps writing', async (t: TestContext) => {
    const own = await ownTopics();
    await own.append(own.events(0, 3_000));
    const seen: string[] = [];
    let more = 0;
    for await (const { events, passed, total } of replayBatches({ ...own.cluster, from: 0 })) {
      assert.equal(total, 3_000);
      assert.ok(passed <= total);
      seen.push(...events.map(({ event_id: id }) => id));
      await own.append(own.events(3_000 + 100 * more, 3_100 + 100 * more));
      more += 1;
    }
    t.diagnostic(`${more} batches`);
    assert.ok(more > 1);
    assert.deepEqual(seen.toSorted(), idsFrom(0, 3_000));
  });

  test('only what is wanted comes, from the partitions that are asked for, with where it lies', async () => {
    const own = await ownTopics();
    await own.append([
      ...own.events(0, 20, 'READ', 'otp'),
      ...own.events(20, 40, 'FAILED', 'marketing'),
      ...own.events(40, 60, 'SENT', 'marketing'),
    ]);
    const marketing = own.names.lanes[2] ?? '';
    assert.deepEqual(await idsOf(own, { from: 0, where: { status: ['READ'] } }), idsFrom(0, 20, 'READ'));
    assert.deepEqual(
      await idsOf(own, { from: 0, where: { lane: [marketing], status: ['READ', 'FAILED'] } }),
      idsFrom(20, 40, 'FAILED'),
    );
    assert.deepEqual(await idsOf(own, { from: 0, where: { messageId: ['m-7', 'm-41', 'm-99'] } }), [
      'm-41 SENT',
      'm-7 READ',
    ]);

    let seen = 0;
    for (const partitions of [
      [0, 5],
      [1, 2, 3, 4, 6, 7, 8, 9, 10, 11],
    ]) {
      for await (const { events, records } of replayBatches({ ...own.cluster, from: 0, partitions })) {
        assert.deepEqual(
          records.map(({ key }) => String(key)),
          events.map((event) => event.message_id),
        );
        assert.ok(records.every(({ partition }) => partitions.includes(partition)));
        seen += events.length;
      }
    }
    assert.equal(seen, 60);
  });

  test('what cannot be decoded is told with where it lies and why, and the next one comes', async () => {
    const own = await ownTopics();
    const topic = own.names.status;
    const [before, after] = [own.events(0, 5), own.events(5, 10)];
    const broken = [Buffer.from('nonsense'), Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1]), null];
    await own.append([...before, ...broken.map((value) => ({ topic, key: 'broken', value })), ...after]);
    const skipped: string[] = [];
    const ids = await idsOf(own, {
      from: 0,
      onSkipped: ({ code, record }) => skipped.push(`${code} ${record.topic === topic}`),
    });
    assert.deepEqual(ids, idsFrom(0, 10));
    assert.deepEqual(skipped, ['NOT_CONFLUENT true', 'UNKNOWN_SCHEMA true', 'EMPTY true']);
  });

  test('requests are replayed from all lanes, or from those that are wanted', async () => {
    const own = await ownTopics();
    const publisher = await createPublisher({ kafka, registry, topics: own.names, source: 'shop' });
    const lanes = ['otp', 'transactional', 'marketing'];
    await publisher.sendMany(
      Array.from({ length: 30 }, (_, i) => ({
        lane: lanes[i % 3] ?? 'otp',
        messageId: `m-${i}`,
        msisdn: '628001',
        template: { name: 't', langCode: 'id' },
      })),
    );
    await publisher.close();
    for (const [lane, count] of [
      [undefined, 30],
      [['marketing', 'otp'], 20],
    ] as const) {
      const where = { source: ['shop'], ...(lane && { lane }) };
      const seen = new Set<string>();
      let passed = 0;
      for await (const batch of replaySendBatches({ ...own.cluster, from: 0, where })) {
        assert.equal(batch.total, count);
        passed = batch.passed;
        for (const request of batch.events) seen.add(request.message_id);
      }
      assert.deepEqual([seen.size, passed], [count, count]);
    }
  });

  test('no group is there while it reads or after it, and who stops early leaves nothing open', async () => {
    const own = await ownTopics();
    await own.append(own.events(0, 200));
    for await (const event of replay({ ...own.cluster, from: 0 })) {
      assert.equal(await foreign.groupReading(own.names.status), undefined);
      assert.equal(event.status, 'SENT');
      break;
    }
    assert.equal(await foreign.groupReading(own.names.status), undefined);
  });

  test('a signal ends it with its reason', async () => {
    const own = await ownTopics();
    await own.append(own.events(0, 200));
    const end = new AbortController();
    const reading = async () => {
      for await (const _ of replayBatches({ ...own.cluster, from: 0, signal: end.signal })) {
        end.abort(new Error('enough'));
      }
    };
    await assert.rejects(reading(), /enough/);
  });

  test('what does not exist is named', async () => {
    const own = await ownTopics();
    await assert.rejects(
      idsOf({ ...own, cluster: { ...own.cluster, topics: ownNames() } }, { from: 0 }),
      (error) => error instanceof TopicNotFoundError,
    );
    await assert.rejects(
      idsOf(own, { from: 0, partitions: [3, 12] }),
      (error) =>
        error instanceof InvalidRangeError && /no partition 12; there are 0 to 11/.test(error.message),
    );
  });
});
