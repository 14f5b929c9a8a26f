import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeEpoch, startMember } from './member.ts';
import { createWatch, keysOf, numbers, type World } from './world.ts';

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
    const watch = createWatch(() => 'no active one');
    const others = [
      await startMember(t, inWorld(), { group, topics: [topic], watch }),
      await startMember(t, inWorld(), { group, topics: [topic], watch }),
    ];
    for (const other of others) await other.until('it stands by', () => other.isStandingBy());
    const commit = { topic, partition: 0, offset: 7, metadata: 'seven' };
    while (!(await first.consumer.commit(await activeEpoch(first), [commit])));
    await first.consumer.stop();

    const delivered = () => others.flatMap(({ records }) => records);
    await watch.until('one of them is active, and the rest is delivered', () => {
      const states = others.map((other) => other.active() ?? (other.isStandingBy() && 'standing by'));
      return states.includes('standing by') && states.some(Array.isArray) && delivered().length >= 3;
    });
    const active = others.find((other) => other.active());
    assert.deepEqual(active?.active()?.[0]?.committed, { offset: 7, metadata: 'seven' });
    // It is active alone at first, and once more when the other one has joined again.
    assert.deepEqual([...new Set(keysOf(delivered()))], numbers(7, 10));
    assert.ok(others.some(({ records }) => records.length === 0));
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
