import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { decodeLogPositions, decodePassedOverTo } from '../ledger/log-positions.ts';
import { createPartitions, type PartitionsOptions } from './partitions.ts';

const at = (position: number) => new Map([[0, position]]);
const records = (from: number, count: number): KafkaRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    topic: 't',
    partition: 0,
    offset: from + i,
    timestamp: 0,
    key: null,
    value: null,
    headers: {},
  }));

function setUp(more: Partial<PartitionsOptions> = {}) {
  const calls: string[] = [];
  const log = { position: 0 };
  const partitions = createPartitions({
    assigned: [{ topic: 't', partition: 0, committed: null, startsAt: 10 }],
    reachOf: () => at(1),
    highestAttempted: () => -1,
    passedOverTo: () => -1,
    positions: () => at(log.position),
    rememberedFrom: () => at(3),
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    bounds: { maxUnfinished: 4, maxHeld: 8 },
    isOpen: () => true,
    ...more,
  });
  partitions.regulate();
  if (!more.isOpen) assert.deepEqual(calls.splice(0), ['resume']);
  const committed = (position: number, refresh = false) =>
    partitions
      .commits(at(position), refresh)
      .map(({ offset, metadata }) => [offset, decodeLogPositions(metadata)?.get(0)]);
  /** Records come, and something is written of each when the log stands at `position`. */
  const attempted = (from: number, count: number, position: number) => {
    log.position = position;
    const underway = partitions.received(records(from, count));
    for (const { writing } of underway) writing();
    return underway;
  };
  return { partitions, calls, committed, attempted };
}

test('the first time every partition is committed, afterwards what has changed', () => {
  const { committed, attempted } = setUp();
  assert.deepEqual(committed(5), [[10, 5]]);
  assert.deepEqual(committed(6), []);
  const [ten] = attempted(10, 1, 6);
  ten?.done();
  assert.deepEqual(committed(7), [[11, 7]]);
});

test('a commit reaches back to before the first attempt of anything at or after it', () => {
  const { committed, attempted } = setUp();
  const [ten] = attempted(10, 1, 5);
  const [eleven] = attempted(11, 1, 6);
  attempted(12, 1, 9);
  eleven?.done();
  assert.deepEqual(committed(20), [[10, 5]]);
  ten?.done();
  assert.deepEqual(committed(20), [[12, 9]]);
});

test('a record of which nothing was written, however long it waits, needs nothing of the log before the commit', () => {
  const { partitions, committed, attempted } = setUp();
  partitions.received(records(10, 1));
  assert.deepEqual(committed(500), [[10, 500]]);
  const [eleven] = attempted(11, 1, 600);
  eleven?.done();
  assert.deepEqual(committed(900, true), [[10, 600]]);
});

test('for a repeat that was passed over the log is needed as far back as it is remembered', () => {
  const { partitions, committed, attempted } = setUp();
  partitions.received(records(10, 1));
  attempted(11, 1, 600);
  const [twelve] = partitions.received(records(12, 1));
  twelve?.known();
  twelve?.done();
  assert.deepEqual(committed(900), [[10, 3]]);
});

test('below what an earlier term attempted, the reach of that term is handed on', () => {
  const { committed, attempted } = setUp({ highestAttempted: () => 11 });
  const dones = attempted(10, 3, 5);
  assert.deepEqual(committed(20), [[10, 1]]);
  dones[0]?.done();
  assert.deepEqual(committed(20), [[11, 1]]);
  dones[1]?.done();
  assert.deepEqual(committed(20), [[12, 5]]);
});

test('what this term passes over reaches back also below what an earlier one attempted', () => {
  const { partitions, committed } = setUp({ highestAttempted: () => 11, reachOf: () => at(500) });
  const [, , twelve] = partitions.received(records(10, 3));
  twelve?.known();
  twelve?.done();
  assert.deepEqual(committed(900), [[10, 3]]);
});

test('what an earlier term passed over is needed until the mark is above it, also while nothing of it has come', () => {
  const passing = setUp();
  passing.partitions.received(records(10, 1));
  const [eleven] = passing.partitions.received(records(11, 1));
  eleven?.known();
  eleven?.done();
  const [commit] = passing.partitions.commits(at(900), false);
  assert.ok(commit);
  const passedOverTo = () => decodePassedOverTo(commit.metadata);
  assert.equal(passedOverTo(), 11);
  const next = setUp({ passedOverTo, reachOf: () => at(3), rememberedFrom: () => at(2) });
  const [again] = next.partitions.commits(at(950), false);
  assert.deepEqual(again, commit, 'and it is handed on');
  const [ten, known] = next.attempted(10, 2, 960);
  assert.deepEqual(next.committed(960, true), []);
  known?.done();
  ten?.done();
  assert.deepEqual(next.committed(970), [[12, 970]]);
});

test('a commit that does not reach back far enough any more is due again, though its offset stands still', () => {
  const { partitions, committed } = setUp();
  const [, eleven] = partitions.received(records(10, 2));
  assert.deepEqual(committed(500), [[10, 500]]);
  eleven?.known();
  eleven?.done();
  assert.deepEqual(committed(500), [[10, 3]]);
  assert.deepEqual(committed(600), []);
});

test('where the offset stands still, the reach is refreshed when it is time', () => {
  const { committed } = setUp();
  assert.deepEqual(committed(5), [[10, 5]]);
  assert.deepEqual(committed(6, false), []);
  assert.deepEqual(committed(6, true), [[10, 6]]);
  assert.deepEqual(committed(6, true), []);
});

test('a commit that failed is due again', () => {
  const { partitions, committed } = setUp();
  const commits = partitions.commits(at(5), false);
  partitions.notCommitted(commits);
  assert.deepEqual(committed(6), [[10, 6]]);
});

test('a partition with too much under way is paused, and resumed at half of it', () => {
  const { calls, attempted } = setUp();
  const dones = attempted(10, 4, 5);
  assert.deepEqual(calls, ['pause']);
  dones[3]?.done();
  assert.deepEqual(calls, ['pause']);
  dones[2]?.done();
  assert.deepEqual(calls, ['pause', 'resume']);
});

test('so is one in which a single record holds up many that are done', () => {
  const { calls, attempted } = setUp({ bounds: { maxUnfinished: 10, maxHeld: 8 } });
  const [, ...rest] = attempted(10, 3, 5);
  for (const { done } of rest) done();
  for (const { done } of attempted(13, 3, 5)) done();
  assert.deepEqual(calls, []);
  for (const { done } of attempted(16, 2, 5)) done();
  assert.deepEqual(calls, ['pause']);
});

test('records of a partition that is not ours are nobody’s', () => {
  const { partitions } = setUp();
  const [other] = records(0, 1);
  assert.ok(other);
  assert.deepEqual(partitions.received([{ ...other, partition: 7 }]), []);
});

test('a partition of a closed lane is not resumed before it opens, and paused when it closes, once', () => {
  let open = false;
  const { partitions, calls } = setUp({ isOpen: () => open });
  open = true;
  partitions.regulate();
  partitions.regulate();
  open = false;
  partitions.regulate();
  partitions.regulate();
  assert.deepEqual(calls, ['resume', 'pause']);
});

test('a partition that is full stays paused when its lane opens, and one whose lane is closed when it has room', () => {
  let open = true;
  const { partitions, calls, attempted } = setUp({ isOpen: () => open });
  partitions.regulate();
  const dones = attempted(10, 4, 5);
  open = false;
  partitions.regulate();
  open = true;
  partitions.regulate();
  assert.deepEqual(calls, ['resume', 'pause']);
  open = false;
  partitions.regulate();
  for (const { done } of dones) done();
  assert.deepEqual(calls, ['resume', 'pause']);
  open = true;
  partitions.regulate();
  assert.deepEqual(calls, ['resume', 'pause', 'resume']);
});
