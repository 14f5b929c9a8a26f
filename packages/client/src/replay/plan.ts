import { type Kafka, type OffsetRange, withAdmin } from '@whatsapp-stream/kafka';
import { TopicNotFoundError } from '../errors.ts';
import { checkPartitions, type Moments } from './request.ts';

/** What is to be read of one topic. */
export interface TopicPlan {
  readonly topic: string;
  /** By partition; none is empty. */
  readonly ranges: ReadonlyMap<number, OffsetRange>;
}

export interface Plan {
  readonly topics: readonly TopicPlan[];
  /** Offsets that will be passed. */
  readonly total: number;
}

/**
 * Asks Kafka where the range begins and ends: at `toMs`, or where each log ends now, so that it stands still.
 * @throws TopicNotFoundError, InvalidRangeError for a partition that does not exist, or when Kafka cannot be reached
 */
export async function planOf(
  kafka: Pick<Kafka, 'admin'>,
  topics: readonly string[],
  moments: Moments,
  partitions: readonly number[] | undefined,
): Promise<Plan> {
  const known = new Set<number>();
  const plans = await withAdmin(kafka, async (admin) => {
    const found: TopicPlan[] = [];
    for (const topic of topics) {
      if ((await admin.describeTopic(topic)) === null) throw new TopicNotFoundError(topic);
      const logs = await admin.offsets(topic);
      const starts = await admin.offsetsAt(topic, moments.fromMs);
      const ends = moments.toMs === undefined ? undefined : await admin.offsetsAt(topic, moments.toMs);
      const ranges = new Map<number, OffsetRange>();
      for (const [partition, { low, high }] of logs) {
        known.add(partition);
        const from = Math.max(starts.get(partition) ?? high, low);
        const to = Math.min(ends?.get(partition) ?? high, high);
        const isWanted = partitions?.includes(partition) ?? true;
        if (isWanted && from < to) ranges.set(partition, { from, to });
      }
      found.push({ topic, ranges });
    }
    return found;
  });
  checkPartitions(partitions ?? [], known);
  const all = plans.flatMap(({ ranges }) => [...ranges.values()]);
  return { topics: plans, total: all.reduce((sum, { from, to }) => sum + to - from, 0) };
}
