import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPositions, writeSince } from './first-positions.ts';
import type { CommittedOffset, SharedStart } from './port.ts';

const NOW = 5_000;
/** Offsets 10 to 50 in each partition; the record of offset n was written at n * 100 ms. */
const admin = {
  offsets: async () => new Map([0, 1, 2].map((partition) => [partition, { low: 10, high: 50 }])),
  offsetsAt: async (_topic: string, time: number) =>
    new Map([0, 1, 2].map((partition) => [partition, Math.min(50, Math.max(10, time / 100))])),
};

async function startOf(from: SharedStart, commits: readonly CommittedOffset[] = []) {
  const committed = new Map([['t', new Map(commits.map((commit, partition) => [partition, commit]))]]);
  const [first] = await firstPositions(admin, [{ topic: 't', partition: 2 }], committed, from, () => NOW);
  return [first?.startsAt, first?.since];
}

test('a group without a position begins where it was told to', async () => {
  assert.deepEqual(await startOf('beginning'), [10, 0]);
  assert.deepEqual(await startOf('end'), [50, NOW]);
  assert.deepEqual(await startOf({ timestampMs: 2_000 }), [20, 2_000]);
});

test('a partition that has no position in a group that has is read from the moment at which the group began', async () => {
  const commits = [
    { offset: 40, metadata: writeSince(3_000) },
    { offset: 45, metadata: writeSince(2_900) },
  ];
  for (const from of ['beginning', 'end', { timestampMs: 4_900 }] as const)
    assert.deepEqual(await startOf(from, commits), [29, 2_900]);
});

test('where others have set the positions, what is new is read from its beginning: nothing is passed over', async () => {
  assert.deepEqual(await startOf('end', [{ offset: 40, metadata: 'set by hand' }]), [10, 0]);
});
