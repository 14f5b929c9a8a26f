import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaRecord, OffsetGap } from '@whatsapp-stream/kafka';
import { activeEpoch, startMember } from './member.ts';
import { startReader } from './reading.ts';
import { adminFor, keysOf, numbers, type World } from './world.ts';

/** Offsets 0-1 committed, 2 its marker, 3-5 aborted, 6 its marker, 7 plain, 8 aborted, 9 its marker. */
async function writeTransactions(world: World, topic: string): Promise<void> {
  await world.foreign.writeTransaction(topic, ['c0', 'c1'], 'commit');
  await world.foreign.writeTransaction(topic, ['x0', 'x1', 'x2'], 'abort');
  await world.write(topic, 1);
  await world.foreign.writeTransaction(topic, ['x3'], 'abort');
}

/** Each offset that was delivered or told as a gap, in order. */
function offsetsSeen(records: readonly KafkaRecord[], gaps: readonly OffsetGap[]): readonly number[] {
  const within = gaps.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
  return [...records.map(({ offset }) => offset), ...within].toSorted((a, b) => a - b);
}

export function gapContract(inWorld: () => World): void {
  test('a consumer skips aborted and control records, and tells each of them as filtered', async (t) => {
    const topic = await inWorld().newTopic();
    await writeTransactions(inWorld(), topic);
    const member = await startMember(t, inWorld(), { group: inWorld().newName(), topics: [topic] });
    await member.until('the end is reached', () => offsetsSeen(member.records, member.gaps).includes(9));
    await inWorld().write(topic, 1, 1);
    await member.until('what follows is delivered', () => member.records.length === 4);
    assert.deepEqual(keysOf(member.records), ['c0', 'c1', '0', '1']);
    assert.deepEqual(offsetsSeen(member.records, member.gaps), numbers(0, 11).map(Number));
    assert.deepEqual(new Set(member.gaps.map(({ cause }) => cause)), new Set(['filtered']));
  });

  test('a topic reader comes to the end of a log that ends with an aborted transaction', async (t) => {
    const topic = await inWorld().newTopic();
    await writeTransactions(inWorld(), topic);
    const noting = await startReader(inWorld(), topic, 'beginning');
    t.after(() => noting.reader.close());
    await noting.reachEnd();
    // Now alone in what is fetched.
    await inWorld().foreign.writeTransaction(topic, ['x4'], 'abort');
    await noting.reachEnd();
    assert.deepEqual(keysOf(noting.records), ['c0', 'c1', '0']);
    assert.deepEqual(offsetsSeen(noting.records, noting.gaps), numbers(0, 12).map(Number));
  });

  test('records deleted under a consumer are told as retention; reading goes on, the commit stays', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    const member = await startMember(t, inWorld(), { group, topics: [topic], resume: false });
    const commit = { topic, partition: 0, offset: 2, metadata: 'mark' };
    assert.equal(await member.consumer.commit(await activeEpoch(member), [commit]), true);
    await inWorld().foreign.deleteBefore(topic, 6);
    member.consumer.resume({ topic, partition: 0 });
    await member.until('the rest is delivered', () => member.records.length === 4);
    await member.until('the gap is told', () => member.gaps.length > 0);
    assert.deepEqual(keysOf(member.records), numbers(6, 10));
    assert.deepEqual(member.gaps, [{ topic, partition: 0, from: 0, to: 6, cause: 'retention' }]);
    const admin = await adminFor(t, inWorld());
    assert.deepEqual((await admin.committed(group, [topic])).get(topic)?.get(0), {
      offset: 2,
      metadata: 'mark',
    });
  });

  test('records deleted behind the commit are told at the next activation, which starts after them', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    const before = await startMember(t, inWorld(), { group, topics: [topic] });
    const commit = { topic, partition: 0, offset: 2, metadata: 'mark' };
    assert.equal(await before.consumer.commit(await activeEpoch(before), [commit]), true);
    await before.consumer.stop();
    await inWorld().foreign.deleteBefore(topic, 6);

    const member = await startMember(t, inWorld(), { group, topics: [topic] });
    await member.until('the rest is delivered', () => member.records.length === 4);
    assert.deepEqual(member.active(), [
      { topic, partition: 0, committed: { offset: 2, metadata: 'mark' }, startsAt: 6 },
    ]);
    assert.deepEqual(member.gaps, [{ topic, partition: 0, from: 2, to: 6, cause: 'retention' }]);
  });

  test('a topic reader from offsets that are gone is at the end of an emptied log at once, and tells the gap', async (t) => {
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    await inWorld().foreign.deleteBefore(topic, 10);
    const noting = await startReader(inWorld(), topic, new Map([[0, 3]]));
    t.after(() => noting.reader.close());
    assert.deepEqual(noting.reader.positions(), new Map([[0, 10]]));
    assert.deepEqual(noting.gaps, [{ topic, partition: 0, from: 3, to: 10, cause: 'retention' }]);
    await inWorld().write(topic, 2, 10);
    await noting.reachEnd();
    assert.deepEqual(keysOf(noting.records), numbers(10, 12));
    assert.equal(noting.gaps.length, 1);
  });
}
