import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeEpoch, startMember } from './member.ts';
import { keysOf, numbers, type World } from './world.ts';

export function membershipContract(inWorld: () => World): void {
  test('one member stays the active one while others join and leave', async (t) => {
    const group = inWorld().newName();
    const topics = [await inWorld().newTopic(3), await inWorld().newTopic(2)];
    const active = await startMember(t, inWorld(), { group, topics });
    await activeEpoch(active);
    for (let time = 0; time < 3; time++) {
      const other = await startMember(t, inWorld(), { group, topics });
      await other.until('the other stands by', () => other.isStandingBy());
      await active.until('the first is active again', () => active.active()?.length === 5);
      const activations = active.activations();
      await other.consumer.stop();
      await active.until('it is noticed that the other left', () => active.activations() > activations);
      assert.equal(other.activations(), 0);
      assert.equal(active.active()?.length, 5);
    }
  });

  test('with two standing by, one takes over when the active one stops, at the committed offsets', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    const first = await startMember(t, inWorld(), { group, topics: [topic] });
    await activeEpoch(first);
    const others = [
      await startMember(t, inWorld(), { group, topics: [topic] }),
      await startMember(t, inWorld(), { group, topics: [topic] }),
    ];
    for (const other of others) await other.until('it stands by', () => other.isStandingBy());
    const commit = { topic, partition: 0, offset: 7, metadata: 'seven' };
    while (!(await first.consumer.commit(await activeEpoch(first), [commit])));
    await first.consumer.stop();

    await Promise.race(others.map(activeEpoch));
    for (const other of others) await other.until('it has joined', () => other.epoch() !== undefined);
    const active = others.filter((other) => other.active());
    assert.equal(active.length, 1);
    await active[0]?.until('the rest is delivered', () => active[0]?.records.length === 3);
    assert.deepEqual(keysOf(active[0]?.records ?? []), numbers(7, 10));
    assert.deepEqual(active[0]?.active()?.[0]?.committed, { offset: 7, metadata: 'seven' });
    assert.deepEqual(
      others.map(({ records }) => records.length).toSorted((a, b) => a - b),
      [0, 3],
    );
  });

  test('a new epoch starts at the committed offsets again, and not where the one before had read to', async (t) => {
    const group = inWorld().newName();
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    const member = await startMember(t, inWorld(), { group, topics: [topic] });
    await member.until('all is delivered', () => member.records.length === 10);
    assert.equal(
      await member.consumer.commit(await activeEpoch(member), [
        { topic, partition: 0, offset: 6, metadata: '' },
      ]),
      true,
    );
    await startMember(t, inWorld(), { group, topics: [topic] });
    await member.until('the rest is delivered again', () => member.records.length === 14);
    assert.deepEqual(keysOf(member.records), [...numbers(0, 10), ...numbers(6, 10)]);
  });

  test('a partition that a topic gains is assigned and read from its start', async (t) => {
    const topic = await inWorld().newTopic(1);
    const member = await startMember(t, inWorld(), { group: inWorld().newName(), topics: [topic] });
    await activeEpoch(member);
    await inWorld().foreign.addPartitions(topic, 3);
    await inWorld().write(topic, 100);
    await member.until('all three are assigned', () => member.active()?.length === 3);
    const keys = () => new Set(keysOf(member.records));
    await member.until('every record is delivered', () => keys().size === 100);
    assert.deepEqual(new Set(member.records.map(({ partition }) => partition)), new Set([0, 1, 2]));
  });
}
