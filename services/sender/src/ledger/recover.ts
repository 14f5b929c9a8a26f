import type { Admin, AssignedPartition, KafkaRecord, TopicPartition } from '@whatsapp-stream/kafka';
import { decodeLogPositions, type LogPositions, lowestOf } from './log-positions.ts';

/** Lanes keep records for seven days by contract; an hour more for clocks that differ. */
const FALLBACK_REACH_MS = (7 * 24 + 1) * 60 * 60 * 1_000;

/**
 * Where in the status log a new active sender starts to read: before the first attempt of any record that it
 * may receive. Each partition's commit says so for its own records; a partition with nothing to receive has no
 * say. Where a commit is missing or says nothing, the log is read from before the oldest record that a lane can
 * hold.
 * @param now ms since the epoch
 */
export async function whereToRecoverFrom(
  admin: Pick<Admin, 'offsets' | 'offsetsAt'>,
  statusTopic: string,
  assigned: readonly AssignedPartition[],
  now: number,
): Promise<LogPositions> {
  const log = await admin.offsets(statusTopic);
  const waiting = await withRecords(admin, assigned);
  const known = waiting.map(({ committed }) => (committed ? decodeLogPositions(committed.metadata) : null));
  const starts = known.filter((positions) => positions !== null);
  if (starts.length < known.length) starts.push(await admin.offsetsAt(statusTopic, now - FALLBACK_REACH_MS));
  const lowest = lowestOf([new Map([...log].map(([partition, { high }]) => [partition, high])), ...starts]);
  return new Map(
    [...log].map(([partition, { low }]) => [partition, Math.max(lowest.get(partition) ?? low, low)]),
  );
}

async function withRecords(
  admin: Pick<Admin, 'offsets'>,
  assigned: readonly AssignedPartition[],
): Promise<AssignedPartition[]> {
  const topics = [...new Set(assigned.map(({ topic }) => topic))];
  const ends = new Map(
    await Promise.all(topics.map(async (topic) => [topic, await admin.offsets(topic)] as const)),
  );
  return assigned.filter(({ topic, partition, startsAt }) => {
    const high = ends.get(topic)?.get(partition)?.high;
    return high === undefined || startsAt < high;
  });
}

/** Remembers, from the headers of status records, how far earlier terms had come in each lane partition. */
export interface AttemptedOffsets {
  note(record: Pick<KafkaRecord, 'headers'>): void;
  /** The log is read: what comes now are attempts of this term, which remembers their places itself. */
  complete(): void;
  /** -1 where nothing was attempted. */
  highest(partition: TopicPartition): number;
}

export function createAttemptedOffsets(): AttemptedOffsets {
  const highest = new Map<string, number>();
  let complete = false;
  return {
    complete() {
      complete = true;
    },
    note({ headers }) {
      if (complete) return;
      const { send_topic: topic, send_partition: partition, send_offset: offset } = headers;
      if (topic === undefined || !/^\d+$/.test(offset ?? '')) return;
      const key = `${topic}/${partition}`;
      highest.set(key, Math.max(highest.get(key) ?? -1, Number(offset)));
    },
    highest: ({ topic, partition }) => highest.get(`${topic}/${partition}`) ?? -1,
  };
}
