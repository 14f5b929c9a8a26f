import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminFor, type World } from './world.ts';

export function adminContract(inWorld: () => World): void {
  test('a topic that is given more partitions has them, served, and keeps its records', async (t) => {
    const topic = await inWorld().newTopic(1);
    await inWorld().write(topic, 3);
    const admin = await adminFor(t, inWorld());
    await admin.addPartitions(topic, 3);
    assert.equal((await admin.describeTopic(topic))?.partitions, 3);
    const before = await admin.offsets(topic);
    assert.deepEqual(
      [0, 1, 2].map((partition) => before.get(partition)?.high),
      [3, 0, 0],
    );
    const landed = await inWorld().write(topic, 30, 3);
    assert.deepEqual(new Set(landed.map(({ partition }) => partition)), new Set([0, 1, 2]));
  });

  test('partitions cannot be added to a topic that is not there, or that has as many', async (t) => {
    const admin = await adminFor(t, inWorld());
    const topic = await inWorld().newTopic(2);
    await assert.rejects(admin.addPartitions(topic, 2));
    await assert.rejects(admin.addPartitions(inWorld().newName(), 2));
  });
}
