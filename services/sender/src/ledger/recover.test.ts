import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AssignedPartition, CommittedOffset } from '@whatsapp-stream/kafka';
import { encodeLogPositions, type LogPositions } from './log-positions.ts';
import { createAttemptedOffsets, whereToRecoverFrom } from './recover.ts';

const STATUS = 'x.status';
const LANE = 'x.otp';
const HOUR_MS = 60 * 60 * 1_000;
const NOW = 2_400 * HOUR_MS;
/** Each lane partition holds records up to here. */
const LANE_END = 10;

/** @param positions of status partitions 0, 1, … */
const at = (...positions: number[]): LogPositions => new Map(positions.entries());
const reachingTo = (positions: LogPositions, offset = 5): CommittedOffset => ({
  offset,
  metadata: encodeLogPositions(positions),
});

/** The start for lane partitions 0, 1, … with these commits; the log holds 100 to 900 in two partitions. */
async function recover(...commits: (CommittedOffset | null)[]) {
  const asked: { topic: string; timestampMs: number }[] = [];
  const admin = {
    async offsets(topic: string) {
      if (topic === STATUS) return new Map([0, 1].map((partition) => [partition, { low: 100, high: 900 }]));
      assert.equal(topic, LANE);
      return new Map(commits.map((_, partition) => [partition, { low: 0, high: LANE_END }]));
    },
    async offsetsAt(topic: string, timestampMs: number) {
      // Each lane partition has had a record an hour for the last ten hours.
      const past = Math.max(0, LANE_END - Math.floor((NOW - timestampMs) / HOUR_MS));
      if (topic === LANE)
        return new Map(commits.map((_, partition) => [partition, Math.min(past, LANE_END)]));
      asked.push({ topic, timestampMs });
      return at(300, 400);
    },
  };
  const assigned: AssignedPartition[] = commits.map((committed, partition) => ({
    topic: LANE,
    partition,
    committed,
    startsAt: committed?.offset ?? 0,
  }));
  const { logStart, reachOf, passedOverTo } = await whereToRecoverFrom(admin, STATUS, assigned, NOW);
  return {
    from: logStart,
    reach: (partition: number) => reachOf({ topic: LANE, partition }),
    passedOver: (partition: number) => passedOverTo({ topic: LANE, partition }),
    asked,
  };
}

test('the log is read from the lowest position that any commit needs, each log partition for itself', async () => {
  const { from, asked } = await recover(reachingTo(at(500, 700)), reachingTo(at(600, 650)));
  assert.deepEqual([from, asked], [at(500, 650), []]);
});

test('for the records of one partition the log is read from where its own commit says', async () => {
  const { reach } = await recover(reachingTo(at(500, 700)), null, reachingTo(at(20, 20), LANE_END));
  assert.deepEqual([reach(0), reach(1), reach(2)], [at(500, 700), at(300, 400), at(900, 900)]);
});

test('a partition with nothing to receive has no say', async () => {
  const { from } = await recover(reachingTo(at(500, 700)), reachingTo(at(200, 200), LANE_END));
  assert.deepEqual(from, at(500, 700));
  const { from: end, asked } = await recover({ offset: LANE_END, metadata: 'not ours' });
  assert.deepEqual([end, asked], [at(900, 900), []]);
});

test('where a commit is missing or says nothing, the log is read from before the first record that waits', async () => {
  for (const unknown of [null, { offset: 5, metadata: '' }, { offset: 5, metadata: 'not ours' }]) {
    const { from, asked } = await recover(unknown);
    assert.deepEqual(from, at(300, 400));
    const [look] = asked;
    assert.ok(look && asked.length === 1);
    assert.equal(look.topic, STATUS);
    const writtenAt = NOW - (LANE_END - (unknown?.offset ?? 0)) * HOUR_MS;
    assert.ok(look.timestampMs < writtenAt && look.timestampMs > writtenAt - HOUR_MS);
  }
});

test('one commit that says nothing does not silence one that reaches further back', async () => {
  const { from } = await recover(reachingTo(at(250, 700)), null);
  assert.deepEqual(from, at(250, 400));
});

test('a start is inside the log, also when retention or a new log has passed it', async () => {
  const { from: deleted } = await recover(reachingTo(at(50, 700)));
  assert.deepEqual(deleted, at(100, 700));
  const { from: beyond } = await recover(reachingTo(at(5_000, 700)));
  assert.deepEqual(beyond, at(900, 700));
});

test('a log partition that came after the commit is read from its beginning', async () => {
  const { from } = await recover(reachingTo(at(500)));
  assert.deepEqual(from, at(500, 100));
});

test('the highest offset that was attempted is known for each lane partition, in any order', () => {
  const attempted = createAttemptedOffsets();
  const note = (send_partition: string, send_offset: string) =>
    attempted.note({ headers: { send_topic: LANE, send_partition, send_offset } });
  for (const offset of ['7', '12', '9']) note('0', offset);
  note('1', '3');
  const highest = attempted.snapshot();
  assert.deepEqual(
    [0, 1, 2].map((partition) => highest({ topic: LANE, partition })),
    [12, 3, -1],
  );
  assert.equal(highest({ topic: 'x.marketing', partition: 0 }), -1);
});

test('events that name no request, or no offset, change nothing', () => {
  const attempted = createAttemptedOffsets();
  attempted.note({ headers: {} });
  attempted.note({ headers: { send_topic: LANE, send_partition: '0', send_offset: '4' } });
  for (const send_offset of ['', '-1', '1e9', 'x', undefined]) {
    attempted.note({ headers: { send_topic: LANE, send_partition: '0', send_offset } });
  }
  assert.equal(attempted.snapshot()({ topic: LANE, partition: 0 }), 4);
});

test('attempts that are noted later do not count', () => {
  const attempted = createAttemptedOffsets();
  const before = attempted.snapshot();
  attempted.note({ headers: { send_topic: LANE, send_partition: '0', send_offset: '4' } });
  assert.equal(before({ topic: LANE, partition: 0 }), -1);
});

test('up to where a partition was passed over is told by its own commit', async () => {
  const waiting = { offset: 5, metadata: encodeLogPositions(at(500, 700), 8) };
  const { passedOver } = await recover(waiting, reachingTo(at(500, 700)), null);
  assert.deepEqual([0, 1, 2].map(passedOver), [8, -1, -1]);
});
