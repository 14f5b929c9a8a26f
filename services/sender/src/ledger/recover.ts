import {
  type Admin,
  type AssignedPartition,
  endsOf,
  type KafkaRecord,
  offsetsOf,
  type TopicPartition,
  timeOf,
} from '@whatsapp-stream/kafka';
import { decodeLogPositions, decodePassedOverTo, type LogPositions, lowestOf } from './log-positions.ts';

/**
 * Lanes keep records for seven days by contract; but Kafka deletes a segment by its newest record, and a segment can
 * be seven days long (`segment.ms`). A day more for clocks that differ.
 */
const OLDEST_RECORD_MS = 15 * 24 * 60 * 60 * 1_000;
/** How far the clocks of two partitions' leaders may differ. */
const LEADERS_DIFFER_MS = 10 * 60_000;

/** Where in the status log a new active sender must have read from. */
export interface Recovery {
  /** Before the first attempt of any record that it may receive. */
  readonly logStart: LogPositions;
  /** The same for the records of one lane partition. */
  readonly reachOf: (partition: TopicPartition) => LogPositions;
  /** Up to which offset of a lane partition records were passed over, above its commit; -1 for none. */
  readonly passedOverTo: (partition: TopicPartition) => number;
}

/**
 * Each partition's commit says how far back the log must be read for its own records; a partition with nothing to
 * receive has no say. Where a commit is missing or says nothing, as in a partition that a lane has gained, the log is
 * read from before the time of the first record that waits there.
 * @param now ms since the epoch
 */
export async function whereToRecoverFrom(
  admin: Pick<Admin, 'offsets' | 'offsetsAt'>,
  statusTopic: string,
  assigned: readonly AssignedPartition[],
  now: number,
): Promise<Recovery> {
  const log = await admin.offsets(statusTopic);
  const end: LogPositions = endsOf(log);
  const inside = (positions: LogPositions): LogPositions =>
    new Map(
      [...log].map(([partition, { low, high }]) => [
        partition,
        Math.min(Math.max(positions.get(partition) ?? low, low), high),
      ]),
    );
  const waiting = await withRecords(admin, assigned);
  const known = new Map(
    waiting.map((one) => [keyOf(one), one.committed ? decodeLogPositions(one.committed.metadata) : null]),
  );
  const unknown = waiting.filter((one) => known.get(keyOf(one)) === null);
  const fallback =
    unknown.length === 0 ? end : await admin.offsetsAt(statusTopic, await timeBefore(admin, unknown, now));
  const passedOver = new Map(
    waiting.map((one) => [keyOf(one), decodePassedOverTo(one.committed?.metadata ?? '')]),
  );
  const reaches = new Map([...known].map(([key, positions]) => [key, inside(positions ?? fallback)]));
  return {
    logStart: inside(lowestOf([end, ...reaches.values()])),
    reachOf: (partition) => reaches.get(keyOf(partition)) ?? end,
    passedOverTo: (partition) => passedOver.get(keyOf(partition)) ?? -1,
  };
}

/** A time before any record of these partitions, from where they start, was written. */
async function timeBefore(
  admin: Pick<Admin, 'offsetsAt'>,
  partitions: readonly AssignedPartition[],
  now: number,
): Promise<number> {
  const times: number[] = [];
  for (const [topic, of] of Map.groupBy(partitions, ({ topic }) => topic)) {
    const starts = new Map(of.map(({ partition, startsAt }) => [partition, startsAt]));
    // Retention can have taken one of them since.
    times.push((await timeOf(admin, topic, starts, now)) ?? now - OLDEST_RECORD_MS);
  }
  return Math.min(...times) - LEADERS_DIFFER_MS;
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

async function withRecords(
  admin: Pick<Admin, 'offsets'>,
  assigned: readonly AssignedPartition[],
): Promise<AssignedPartition[]> {
  const ends = await offsetsOf(admin, [...new Set(assigned.map(({ topic }) => topic))]);
  return assigned.filter(({ topic, partition, startsAt }) => {
    const high = ends.get(topic)?.get(partition)?.high;
    return high === undefined || startsAt < high;
  });
}

/** Remembers, from the headers of status records, how far each lane partition was attempted, by whomever. */
export interface AttemptedOffsets {
  note(record: Pick<KafkaRecord, 'headers'>): void;
  /** The highest offset of a partition as it is now, also when more are noted later; -1 where there is none. */
  snapshot(): (partition: TopicPartition) => number;
}

export function createAttemptedOffsets(): AttemptedOffsets {
  const highest = new Map<string, number>();
  return {
    note({ headers }) {
      const { send_topic: topic, send_partition: partition, send_offset: offset } = headers;
      if (topic === undefined || !/^\d+$/.test(offset ?? '')) return;
      const key = `${topic}/${partition}`;
      highest.set(key, Math.max(highest.get(key) ?? -1, Number(offset)));
    },
    snapshot() {
      const then = new Map(highest);
      return (partition) => then.get(keyOf(partition)) ?? -1;
    },
  };
}
