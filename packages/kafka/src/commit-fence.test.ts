import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from 'kafkajs';
import { createCommitFence } from './commit-fence.ts';

/** A fence, and the coordinator as kafkajs gets it through the cluster; `sent` counts what reaches the broker. */
async function startFence() {
  let over = 0;
  let sent = 0;
  const broker = {
    async offsetCommit() {
      sent += 1;
    },
    heartbeat: async () => undefined,
  };
  const cluster = { findBroker: async () => broker } as unknown as Pick<Cluster, 'findBroker'>;
  const fence = createCommitFence((epoch) => epoch <= over);
  fence.watch(cluster);
  const coordinator = (await cluster.findBroker({ nodeId: '1' })) as unknown as typeof broker;
  return {
    fence,
    coordinator,
    sent: () => sent,
    endEpoch: () => {
      over += 1;
    },
  };
}

test('a commit that is made again after its epoch is over reaches nobody, and is not tried again', async () => {
  const { fence, coordinator, sent, endEpoch } = await startFence();
  const made = fence.make(1, async () => {
    await coordinator.offsetCommit();
    endEpoch();
    await assert.rejects(async () => coordinator.offsetCommit(), { retriable: false });
    await coordinator.heartbeat();
    return false;
  });
  assert.equal(await made, false);
  assert.equal(sent(), 1);
});

test('one commit is made at a time, and one that failed holds up no other', async () => {
  const { fence, coordinator, sent } = await startFence();
  const steps: string[] = [];
  const release = Promise.withResolvers<void>();
  const first = fence.make(1, async () => {
    steps.push('first');
    await release.promise;
    throw new Error('away');
  });
  const second = fence.make(2, async () => {
    steps.push('second');
    await coordinator.offsetCommit();
    return true;
  });
  await Promise.resolve();
  assert.deepEqual(steps, ['first']);
  release.resolve();
  await assert.rejects(first, /away/);
  assert.equal(await second, true);
  assert.equal(sent(), 1);
});
