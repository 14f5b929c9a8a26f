import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommittedOffset } from './port.ts';
import { deletedBefore, startingPoints } from './starting-points.ts';

const t0 = { topic: 't', partition: 0 };

async function startOf(commit: CommittedOffset | null, low: number, high: number) {
  const errors: string[] = [];
  const none = () => undefined;
  const log = { debug: none, info: none, warn: none, error: (_: object, text: string) => errors.push(text) };
  const admin = {
    committed: async () => new Map([['t', new Map(commit ? [[0, commit]] : [])]]),
    offsets: async () => new Map([[0, { low, high }]]),
  };
  const assigned = await startingPoints(admin, 'g', [t0], log);
  return { assigned, errors, gaps: deletedBefore(assigned) };
}

test('a partition starts at its commit, without a gap', async () => {
  const commit = { offset: 7, metadata: 'm' };
  const { assigned, gaps, errors } = await startOf(commit, 2, 9);
  assert.deepEqual(assigned, [{ ...t0, committed: commit, startsAt: 7 }]);
  assert.deepEqual([gaps, errors], [[], []]);
});

test('a partition without a commit starts at its oldest record, without a gap', async () => {
  const { assigned, gaps } = await startOf(null, 2, 9);
  assert.deepEqual(assigned, [{ ...t0, committed: null, startsAt: 2 }]);
  assert.deepEqual(gaps, []);
});

test('what was deleted after the commit is skipped and told as a gap', async () => {
  const commit = { offset: 1, metadata: 'm' };
  const { assigned, gaps } = await startOf(commit, 4, 9);
  assert.deepEqual(assigned, [{ ...t0, committed: commit, startsAt: 4 }]);
  assert.deepEqual(gaps, [{ ...t0, from: 1, to: 4, cause: 'retention' }]);
});

test('a commit beyond the end of a log that was cut counts as none, loudly', async () => {
  const { assigned, gaps, errors } = await startOf({ offset: 12, metadata: 'm' }, 2, 9);
  assert.deepEqual(assigned, [{ ...t0, committed: null, startsAt: 2 }]);
  assert.deepEqual(gaps, []);
  assert.equal(errors.length, 1);
});
