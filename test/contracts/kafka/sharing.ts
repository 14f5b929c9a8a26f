import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochWith, type Sharer, startSharer } from './sharer.ts';
import { adminFor, createWatch, keysOf, numbers, type World } from './world.ts';

const fault = new TypeError('a fault of the owner');
const throwFault = () => {
  throw fault;
};

const partitionsOf = (sharer: Sharer): readonly number[] =>
  sharer.assigned().map(({ partition }) => partition);

export function sharingContract(inWorld: () => World): void {
  const committedIn = async (t: Parameters<typeof adminFor>[0], group: string, topic: string) => {
    const admin = await adminFor(t, inWorld());
    return async () => {
      const commits = (await admin.committed(group, [topic])).get(topic) ?? new Map();
      return new Map([...commits].map(([partition, { offset }]) => [partition, offset]));
    };
  };

  test('members share the partitions evenly, each record goes to one of them, and each keeps what it had', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic(4);
    const watch = createWatch(() => 'not shared');
    const first = await startSharer(t, inWorld(), { group, topic, watch });
    await epochWith(first, 4);
    const second = await startSharer(t, inWorld(), { group, topic, watch });
    const sharers = [first, second];
    await watch.until('both have two', () => sharers.every((one) => one.assigned().length === 2));
    const had = partitionsOf(second);
    await inWorld().write(topic, 200);
    await watch.until('all is delivered', () => first.records.length + second.records.length === 200);
    assert.deepEqual(new Set(sharers.flatMap((one) => keysOf(one.records))), new Set(numbers(0, 200)));

    const third = await startSharer(t, inWorld(), { group, topic, watch });
    await watch.until('the third has one', () => third.assigned().length === 1);
    await watch.until(
      'the others have the rest',
      () => first.assigned().length + second.assigned().length === 3,
    );
    assert.ok(partitionsOf(second).every((partition) => had.includes(partition)));
    await third.consumer.stop();
    await watch.until('the rest is shared again', () => sharers.every((one) => one.assigned().length === 2));
  });

  test('before the group is shared anew, what is done can still be committed; the others go on from there', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic(2);
    await inWorld().write(topic, 100);
    const committed: boolean[] = [];
    const first = await startSharer(t, inWorld(), {
      group,
      topic,
      handlers: {
        ending: async (epoch) => {
          const next = new Map(first.records.map(({ partition, offset }) => [partition, offset + 1]));
          const positions = [...next].map(([partition, offset]) => ({ topic, partition, offset }));
          committed.push(await first.consumer.commit(epoch, positions));
        },
      },
    });
    await first.until('all is delivered', () => first.records.length === 100);
    const second = await startSharer(t, inWorld(), { group, topic });
    await epochWith(second, 1);
    await epochWith(first, 1);
    await inWorld().write(topic, 50, 100);
    const news = () => [...keysOf(first.records).slice(100), ...keysOf(second.records)];
    await first.until('what is new is delivered to the first', () => first.records.length > 100);
    await second.until('and to the second', () => news().length >= 50);
    assert.deepEqual(committed, [true]);
    assert.deepEqual(new Set(news()), new Set(numbers(100, 150)));
    assert.equal(news().length, 50);
  });

  test('an owner that does not come to an end holds up the others for a third of a session only', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic(2);
    const handlers = { ending: () => new Promise<void>(() => undefined) };
    const first = await startSharer(t, inWorld(), { group, topic, handlers });
    await epochWith(first, 2);
    const second = await startSharer(t, inWorld(), { group, topic });
    await epochWith(second, 1);
    await epochWith(first, 1);
  });

  test('a commit of an epoch that is over returns false and commits nothing', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic(2);
    await inWorld().write(topic, 10);
    const committed = await committedIn(t, group, topic);
    const first = await startSharer(t, inWorld(), { group, topic });
    const over = await epochWith(first, 2);
    await startSharer(t, inWorld(), { group, topic });
    const epoch = await epochWith(first, 1);
    const [mine] = first.assigned();
    assert.ok(mine);
    const position = { topic, partition: mine.partition, offset: 3 };
    assert.equal(await first.consumer.commit(over, [position]), false);
    assert.equal((await committed()).get(mine.partition), 0);
    assert.equal(await first.consumer.commit(epoch, [position]), true);
    assert.equal((await committed()).get(mine.partition), 3);
    await first.consumer.stop();
    assert.equal(await first.consumer.commit(epoch, [{ ...position, offset: 4 }]), false);
  });

  test('from the end: what was there is not delivered, what comes is, also after a restart without a commit', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic(2);
    await inWorld().write(topic, 50);
    const first = await startSharer(t, inWorld(), { group, topic, from: 'end' });
    await epochWith(first, 2);
    await first.consumer.stop();
    await inWorld().write(topic, 50, 50);
    const second = await startSharer(t, inWorld(), { group, topic, from: 'end' });
    await second.until('what came meanwhile is delivered', () => second.records.length === 50);
    assert.deepEqual(new Set(keysOf(second.records)), new Set(numbers(50, 100)));
  });

  test('from a time: records from that moment on', async (t) => {
    const topic = await inWorld().newTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    await inWorld().write(topic, 5);
    const reader = await startSharer(t, inWorld(), { group: inWorld().newName(), topic });
    await reader.until('the first are delivered', () => reader.records.length === 5);
    const timestampMs = (reader.records.at(-1)?.timestamp ?? 0) + 1;
    while (Date.now() <= timestampMs);
    await inWorld().write(topic, 5, 5);
    const group = inWorld().newName();
    const sharer = await startSharer(t, inWorld(), { group, topic, from: { timestampMs } });
    await sharer.until('the rest is delivered', () => sharer.records.length === 5);
    assert.deepEqual(keysOf(sharer.records), numbers(5, 10));
  });

  test('a partition that the topic gains is read from its start, also by a group that began at the end', async (t) => {
    const topic = await inWorld().newTopic(1);
    await inWorld().write(topic, 10);
    const sharer = await startSharer(t, inWorld(), { group: inWorld().newName(), topic, from: 'end' });
    await epochWith(sharer, 1);
    await inWorld().foreign.addPartitions(topic, 3);
    await inWorld().write(topic, 100, 10);
    await sharer.until('all three are assigned', () => sharer.assigned().length === 3);
    const keys = () => new Set(keysOf(sharer.records));
    await sharer.until('every new record is delivered', () => keys().size === 100);
    assert.deepEqual(keys(), new Set(numbers(10, 110)));
  });

  test('a partition delivers nothing while it is paused, and goes on where it was', async (t) => {
    const topic = await inWorld().newTopic(2);
    const sharer = await startSharer(t, inWorld(), {
      group: inWorld().newName(),
      topic,
      handlers: { records: (_epoch, [first]) => first && sharer.consumer.pause(first) },
    });
    await epochWith(sharer, 2);
    await inWorld().write(topic, 1_000);
    const seen = new Set<number>();
    for (let last = -1; sharer.records.length < 1_000; last = sharer.records.length) {
      await sharer.until('more is delivered', () => sharer.records.length > last);
      for (const { partition } of sharer.assigned()) sharer.consumer.resume({ topic, partition });
    }
    for (const { partition } of sharer.records) seen.add(partition);
    assert.deepEqual(new Set(keysOf(sharer.records)), new Set(numbers(0, 1_000)));
    assert.equal(sharer.records.length, 1_000);
    assert.equal(seen.size, 2);
  });

  test('records deleted behind the commit are told as retention, and reading starts after them', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    const before = await startSharer(t, inWorld(), { group, topic });
    const epoch = await epochWith(before, 1);
    assert.equal(await before.consumer.commit(epoch, [{ topic, partition: 0, offset: 2 }]), true);
    await before.consumer.stop();
    await inWorld().foreign.deleteBefore(topic, 6);
    const sharer = await startSharer(t, inWorld(), { group, topic });
    await sharer.until('the rest is delivered', () => sharer.records.length === 4);
    assert.deepEqual(sharer.gaps, [{ topic, partition: 0, from: 2, to: 6, cause: 'retention' }]);
  });

  for (const handler of ['epochEnded', 'assigned', 'records'] as const) {
    test(`a shared consumer whose handler of ${handler} throws tells so, ends and leaves the group`, async (t) => {
      const group = inWorld().newName();
      const topic = await inWorld().newTopic();
      await inWorld().write(topic, 3);
      const broken = await startSharer(t, inWorld(), { group, topic, handlers: { [handler]: throwFault } });
      await broken.until('the fault is told', () => broken.failures.length > 0);
      assert.equal(broken.failures[0]?.cause, fault);
      const next = await startSharer(t, inWorld(), { group, topic });
      await next.until('another one takes over', () => next.records.length === 3);
      assert.equal(broken.failures.length, 1);
    });
  }

  test('a shared consumer of a topic that does not exist names it, and creates nothing', async (t) => {
    const missing = inWorld().newName();
    const starting = startSharer(t, inWorld(), { group: inWorld().newName(), topic: missing });
    await assert.rejects(starting, (error: Error) => error.message.includes(missing));
    const admin = await adminFor(t, inWorld());
    assert.equal(await admin.describeTopic(missing), null);
  });
}
