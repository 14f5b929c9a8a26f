import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartAt } from '@whatsapp-stream/kafka';
import { type NotingReader, readAll, startReader } from './reading.ts';
import { keysOf, numbers, type World } from './world.ts';

async function readerFor(t: TestContext, world: World, topic: string, from: StartAt): Promise<NotingReader> {
  const noting = await startReader(world, topic, from);
  t.after(() => noting.reader.close());
  return noting;
}

const sorted = (keys: readonly string[]) => keys.toSorted((a, b) => Number(a) - Number(b));

export function readerContract(inWorld: () => World): void {
  test('a reader from the beginning is given every record, old and new, and says where it is', async (t) => {
    const topic = await inWorld().newTopic(3);
    const written = await inWorld().write(topic, 100);
    const noting = await readerFor(t, inWorld(), topic, 'beginning');
    await noting.reachEnd();
    await inWorld().write(topic, 20, 100);
    await noting.reachEnd();
    assert.deepEqual(sorted(keysOf(noting.records)), numbers(0, 120));
    const count = (partition: number) => noting.records.filter((one) => one.partition === partition).length;
    assert.deepEqual(
      noting.reader.positions(),
      new Map([0, 1, 2].map((partition) => [partition, count(partition)])),
    );
    assert.ok(written.every(({ partition }) => count(partition) > 0));
    assert.deepEqual([noting.gaps, noting.failures], [[], []]);
  });

  test('a reader from the end is given only what is written after it has started', async (t) => {
    const topic = await inWorld().newTopic(2);
    await inWorld().write(topic, 50);
    const noting = await readerFor(t, inWorld(), topic, 'end');
    await inWorld().write(topic, 20, 50);
    await noting.until('all is delivered', () => noting.records.length >= 20);
    assert.deepEqual(sorted(keysOf(noting.records)), numbers(50, 70));
  });

  test('a reader from a time is given what was written at or after it', async (t) => {
    const topic = await inWorld().newTopic(2, { 'message.timestamp.type': 'LogAppendTime' });
    await inWorld().write(topic, 30);
    // The broker's clock has to move on by a millisecond at least between the two writes.
    await sleep(20);
    await inWorld().write(topic, 30, 30);
    const later = (await readAll(inWorld(), topic)).filter(({ key }) => Number(key) >= 30);
    const timestampMs = Math.min(...later.map(({ timestamp }) => timestamp));
    const noting = await readerFor(t, inWorld(), topic, { timestampMs });
    await noting.reachEnd();
    assert.deepEqual(sorted(keysOf(noting.records)), numbers(30, 60));

    const future = await readerFor(t, inWorld(), topic, { timestampMs: timestampMs + 3_600_000 });
    await inWorld().write(topic, 5, 60);
    await future.until('all is delivered', () => future.records.length >= 5);
    assert.deepEqual(sorted(keysOf(future.records)), numbers(60, 65));
  });

  test('a reader from offsets starts there; a partition that is not named, or not that long, at its oldest record', async (t) => {
    const topic = await inWorld().newTopic(3);
    await inWorld().write(topic, 100);
    const noting = await readerFor(
      t,
      inWorld(),
      topic,
      new Map([
        [0, 5],
        [2, 1_000],
      ]),
    );
    await noting.reachEnd();
    const firstOf = (partition: number) => noting.records.find((one) => one.partition === partition)?.offset;
    assert.deepEqual([firstOf(0), firstOf(1), firstOf(2)], [5, 0, 0]);
    assert.equal(noting.records.length, 95);
  });

  test('two readers are each given everything', async (t) => {
    const topic = await inWorld().newTopic(2);
    await inWorld().write(topic, 40);
    const both = [
      await readerFor(t, inWorld(), topic, 'beginning'),
      await readerFor(t, inWorld(), topic, 'beginning'),
    ];
    await inWorld().write(topic, 10, 40);
    for (const noting of both) {
      await noting.reachEnd();
      assert.deepEqual(sorted(keysOf(noting.records)), numbers(0, 50));
    }
  });

  test('a partition that the topic gains is read from its start, also by a reader from the end', async (t) => {
    const topic = await inWorld().newTopic(1);
    const noting = await readerFor(t, inWorld(), topic, 'end');
    await inWorld().foreign.addPartitions(topic, 3);
    await inWorld().write(topic, 60);
    await noting.until('all is delivered', () => noting.records.length >= 60);
    assert.deepEqual(sorted(keysOf(noting.records)), numbers(0, 60));
    assert.deepEqual(new Set(noting.reader.positions().keys()), new Set([0, 1, 2]));
  });

  test('a reader that is closed leaves no group behind and delivers nothing more', async (t) => {
    const topic = await inWorld().newTopic();
    const noting = await readerFor(t, inWorld(), topic, 'beginning');
    await inWorld().write(topic, 1);
    await noting.reachEnd();
    const group = await inWorld().foreign.groupReading(topic);
    assert.notEqual(group, undefined);
    await Promise.all([noting.reader.close(), noting.reader.close()]);
    assert.equal((await inWorld().foreign.groups()).includes(group ?? ''), false);
    await inWorld().write(topic, 1, 1);
    assert.deepEqual(keysOf(noting.records), ['0']);
  });
}
