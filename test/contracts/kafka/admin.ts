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

  test('questions about several topics that are asked at the same time are all answered', async (t) => {
    const topics = await Promise.all([1, 2, 3].map((partitions) => inWorld().newTopic(partitions)));
    // What one of them sees of the cluster must not get lost by another: it did in one of three rounds.
    for (let round = 0; round < 20; round += 1) {
      const admin = await adminFor(t, inWorld());
      const answers = await Promise.all(
        topics.map((topic) =>
          Promise.all([admin.offsetsAt(topic, Date.now()), admin.describeTopic(topic), admin.offsets(topic)]),
        ),
      );
      assert.deepEqual(
        answers.map(([at, described, offsets]) => [at.size, described?.partitions, offsets.size]),
        [1, 2, 3].map((partitions) => [partitions, partitions, partitions]),
      );
    }
  });
}
