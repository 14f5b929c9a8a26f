import { offsetsOf } from './asking.ts';
import type { KafkaLog } from './kafkajs-log.ts';
import { type LogRange, startWithin } from './log-range.ts';
import type { Admin, AssignedPartition, CommittedOffset, OffsetGap, TopicPartition } from './port.ts';

/**
 * What each partition's reading starts from, asked of the brokers afresh. A commit beyond the end is of a log
 * that was cut, and says nothing about this one: it counts as none.
 */
export async function startingPoints(
  admin: Pick<Admin, 'committed' | 'offsets'>,
  group: string,
  partitions: readonly TopicPartition[],
  log: KafkaLog,
): Promise<readonly AssignedPartition[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  // First the commits, then the ends: so a commit beyond the end is not one that was only made in between.
  const commits = await admin.committed(group, topics);
  const ranges = await offsetsOf(admin, topics);
  return partitions.map(({ topic, partition }) => {
    const commit = commits.get(topic)?.get(partition) ?? null;
    const range = ranges.get(topic)?.get(partition) ?? { low: 0, high: Number.POSITIVE_INFINITY };
    const committed = within(commit, range);
    if (commit && !committed) {
      log.error(
        { topic, partition, committed: commit.offset, end: range.high },
        'the log ends before the commit',
      );
    }
    return { topic, partition, committed, startsAt: startWithin(committed?.offset, range) };
  });
}

function within(commit: CommittedOffset | null, { high }: LogRange): CommittedOffset | null {
  return commit && commit.offset <= high ? commit : null;
}

/** What was committed but is no more. */
export function deletedBefore(assigned: readonly AssignedPartition[]): readonly OffsetGap[] {
  return assigned.flatMap(({ topic, partition, committed, startsAt }) =>
    committed && committed.offset < startsAt
      ? [{ topic, partition, from: committed.offset, to: startsAt, cause: 'retention' as const }]
      : [],
  );
}
