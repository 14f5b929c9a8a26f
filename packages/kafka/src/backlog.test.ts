import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backlogs, depthOf, progress, waitingIn } from './backlog.ts';

const TOPIC = 'x.otp';

/** A lane with 10 to 20 in each partition, and these commits of partitions 0, 1, … */
async function laneWith(...commits: readonly (number | null)[]) {
  const committed = commits.flatMap((offset, partition) =>
    offset === null ? [] : [[partition, { offset, metadata: '' }] as const],
  );
  const [backlog] = await backlogs(
    {
      committed: async () => new Map([[TOPIC, new Map(committed)]]),
      offsets: async () => new Map(commits.map((_, partition) => [partition, { low: 10, high: 20 }])),
    },
    'group',
    [TOPIC],
  );
  assert.ok(backlog);
  return backlog;
}

test('what waits is what lies between the committed offsets and the end', async () => {
  const backlog = await laneWith(12, 20, 19);
  assert.equal(depthOf(backlog), 9);
  assert.deepEqual(
    [...waitingIn(backlog)],
    [
      [0, 12],
      [2, 19],
    ],
  );
});

test('where nothing was committed, or it says nothing about this log, all that is kept waits', async () => {
  for (const commit of [null, 25, 3]) assert.deepEqual([...waitingIn(await laneWith(commit))], [[0, 10]]);
});

test('progress is what came and what was done between two looks', async () => {
  const before = await laneWith(12, null);
  const after = {
    ...(await laneWith(15, 11)),
    ends: new Map([...before.ends].map(([p, end]) => [p, end + 4])),
  };
  assert.deepEqual(progress(before, after), { published: 8, done: 4 });
});
