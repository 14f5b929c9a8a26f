import { TopicNotFoundError } from '@whatsapp-stream/client';
import { type Kafka, withAdmin } from '@whatsapp-stream/kafka';

/** How many records of a time each partition has, over all of the topics. */
export async function recordsIn(
  kafka: Pick<Kafka, 'admin'>,
  topics: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  await withAdmin(kafka, async (admin) => {
    for (const topic of topics) {
      if ((await admin.describeTopic(topic)) === null) throw new TopicNotFoundError(topic);
      const [starts, ends] = await Promise.all([
        admin.offsetsAt(topic, fromMs),
        admin.offsetsAt(topic, toMs),
      ]);
      for (const [partition, start] of starts) {
        const count = Math.max(0, (ends.get(partition) ?? start) - start);
        counts.set(partition, (counts.get(partition) ?? 0) + count);
      }
    }
  });
  return counts;
}

/** Below this, another thread takes longer to start than it saves. */
const WORTH_A_THREAD = 20_000;

/**
 * Shares partitions among threads, so that each has about as many records.
 * @param threads at most so many
 * @returns the partitions of each; none is empty
 */
export function share(counts: ReadonlyMap<number, number>, threads: number): readonly (readonly number[])[] {
  const filled = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const total = filled.reduce((sum, [, count]) => sum + count, 0);
  const worth = Math.min(threads, filled.length, Math.ceil(total / WORTH_A_THREAD));
  const shares = Array.from({ length: worth }, () => ({ partitions: [] as number[], records: 0 }));
  for (const [partition, count] of filled) {
    const least = shares.reduce((a, b) => (b.records < a.records ? b : a), {
      partitions: [],
      records: Infinity,
    });
    least.partitions.push(partition);
    least.records += count;
  }
  return shares.map(({ partitions }) => partitions);
}
