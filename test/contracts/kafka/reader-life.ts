import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { type NotingReader, readAll, startReader } from './reading.ts';
import type { World } from './world.ts';

/** What the topic has gained each time the broker is back; a client that gains something begins anew. */
const PARTITIONS = [3, 3, 4, 4];

/** Notes where each partition is by what is told, and whatever does not fit: a repetition, a gap, another position. */
function notePositions() {
  const faults: string[] = [];
  const next = new Map<number, number>();
  return {
    faults,
    records(records: readonly KafkaRecord[]): void {
      for (const { partition, offset } of records) {
        if (offset !== (next.get(partition) ?? 0)) faults.push(`${partition}/${offset}`);
        next.set(partition, offset + 1);
      }
    },
    check({ reader }: NotingReader): void {
      for (const [partition, position] of reader.positions()) {
        if (position !== (next.get(partition) ?? 0)) faults.push(`${partition} at ${position}`);
      }
    },
  };
}

export function readerLifeContract(inWorld: () => World): void {
  test('a reader goes on where it was each time the broker is back, and knows where it is meanwhile', async (t) => {
    const topic = await inWorld().newTopic(PARTITIONS[0]);
    const way = await inWorld().newWay(t);
    const seen = notePositions();
    const noting = await startReader(inWorld(), topic, 'beginning', seen, [way.address]);
    t.after(() => noting.reader.close());
    for (const [round, partitions] of PARTITIONS.entries()) {
      await inWorld().write(topic, 30, 60 * round);
      await noting.until('all is delivered', () => noting.records.length === 60 * round + 30);
      seen.check(noting);
      await way.cut();
      if (partitions !== PARTITIONS[round - 1] && round > 0) {
        await inWorld().foreign.addPartitions(topic, partitions);
      }
      await inWorld().write(topic, 30, 60 * round + 30);
      seen.check(noting);
      await way.restore();
      await noting.until('what was written meanwhile is delivered', () => {
        return noting.records.length === 60 * (round + 1);
      });
      seen.check(noting);
    }
    await inWorld().write(topic, 1, 60 * PARTITIONS.length);
    await noting.until(
      'what is new is delivered',
      () => noting.records.length === 60 * PARTITIONS.length + 1,
    );
    assert.deepEqual([seen.faults, noting.gaps, noting.failures], [[], [], []]);
    const inOrder = noting.records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
    assert.deepEqual(inOrder, await readAll(inWorld(), topic));
  });

  test('when its topic gains partitions a reader reads nothing again, and the new ones from their start', async (t) => {
    const topic = await inWorld().newTopic(1);
    const seen = notePositions();
    const noting = await startReader(inWorld(), topic, 'beginning', seen);
    t.after(() => noting.reader.close());
    for (const partitions of [1, 2, 4]) {
      if (partitions > 1) await inWorld().foreign.addPartitions(topic, partitions);
      const before = noting.records.length;
      await inWorld().write(topic, 50);
      await noting.until('all is delivered', () => noting.records.length === before + 50);
      seen.check(noting);
    }
    assert.equal(noting.reader.positions().size, 4);
    assert.deepEqual([seen.faults, noting.gaps], [[], []]);
    assert.equal((await readAll(inWorld(), topic)).length, 150);
  });
}
