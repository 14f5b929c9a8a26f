import { setTimeout as sleep } from 'node:timers/promises';
import { type AssignedPartition, type Kafka, type OffsetRange, withAdmin } from '@whatsapp-stream/kafka';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import type { PatientDecode } from '../patient-decoder.ts';

export interface History {
  readonly kafka: Pick<Kafka, 'admin' | 'readRange'>;
  readonly topic: string;
  readonly decode: PatientDecode<StatusEvent>;
  readonly windowMs: number;
  /** Of all partitions together; the latest ones. */
  readonly maxEvents: number;
  readonly fold: (event: StatusEvent, partition: number) => void;
  /** ms since the epoch. */
  readonly now: () => number;
}

type Ranges = ReadonlyMap<number, OffsetRange>;

const ATTEMPTS = 10;
const TRY_AGAIN_MS = 1_000;

/**
 * Folds in what lies before the first event of each partition that will be delivered, as far back as the window reaches
 * from there. What cannot be read was told when it was delivered, and is passed over.
 * @throws when Kafka does not answer in some ten attempts; not once the signal is aborted
 */
export async function foldHistory(
  history: History,
  partitions: readonly AssignedPartition[],
  signal: AbortSignal,
): Promise<void> {
  if (partitions.length === 0) return;
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      const ranges = await rangesOf(history, partitions, signal);
      return await foldRanges(history, ranges, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (attempt === ATTEMPTS) throw error;
      // To fold an event twice is as once.
      await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function foldRanges(history: History, ranges: Ranges, signal: AbortSignal): Promise<void> {
  if (ranges.size === 0) return;
  for await (const records of history.kafka.readRange(history.topic, ranges, { signal })) {
    for (const record of records) {
      const decoding = history.decode(record, signal);
      const decoded = decoding instanceof Promise ? await decoding : decoding;
      if (decoded?.ok) history.fold(decoded.value, record.partition);
    }
  }
}

async function rangesOf(
  { kafka, topic, windowMs, maxEvents, now }: History,
  partitions: readonly AssignedPartition[],
  signal: AbortSignal,
): Promise<Ranges> {
  return withAdmin(kafka, async (admin) => {
    const ends = await admin.offsets(topic);
    const times = await timesOfFirst(kafka, topic, partitions, ends, signal);
    const ranges = new Map<number, OffsetRange>();
    const asked = new Map<number, Promise<ReadonlyMap<number, number>>>();
    const present = now();
    for (const { partition, startsAt } of partitions) {
      const windowStart = Math.max(0, (times.get(partition) ?? present) - windowMs);
      const answer = asked.get(windowStart) ?? admin.offsetsAt(topic, windowStart);
      asked.set(windowStart, answer);
      const range = {
        from: earliest((await answer).get(partition) ?? startsAt, startsAt, maxEvents / partitions.length),
        to: startsAt,
      };
      if (range.from < range.to) ranges.set(partition, range);
    }
    return ranges;
  });
}

/** When the first event was taken that will be delivered; of a partition that has one. */
async function timesOfFirst(
  kafka: Pick<Kafka, 'readRange'>,
  topic: string,
  partitions: readonly AssignedPartition[],
  ends: ReadonlyMap<number, { readonly high: number }>,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  const firsts = partitions.filter(({ partition, startsAt }) => startsAt < (ends.get(partition)?.high ?? 0));
  const ranges = new Map(
    firsts.map(({ partition, startsAt }) => [partition, { from: startsAt, to: startsAt + 1 }]),
  );
  const times = new Map<number, number>();
  if (ranges.size === 0) return times;
  for await (const records of kafka.readRange(topic, ranges, { signal })) {
    for (const { partition, timestamp } of records) times.set(partition, timestamp);
  }
  return times;
}

/** Where to begin that is neither before the window nor more than so many events back. */
export function earliest(windowStart: number, startsAt: number, maxEvents: number): number {
  return Math.max(windowStart, startsAt - Math.ceil(maxEvents), 0);
}
