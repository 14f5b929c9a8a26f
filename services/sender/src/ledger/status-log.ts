import {
  type Admin,
  type AssignedPartition,
  endsOf,
  type Kafka,
  type KafkaRecord,
  offsetsOf,
  type TopicPartition,
  withAdmin,
} from '@whatsapp-stream/kafka';
import type { Decoder, StatusEvent } from '@whatsapp-stream/schemas';
import type { Clock, Logger } from '@whatsapp-stream/service-kit';
import { createFollowing, persist, unless } from './following.ts';
import type { Ledger } from './ledger.ts';
import { higherOf, isAtOrBefore, type LogPositions, lowestOf } from './log-positions.ts';
import { createAttemptedOffsets, whereToRecoverFrom } from './recover.ts';
import type { SettledMessages } from './settled.ts';
import { shared } from './shared.ts';

/**
 * The status log, followed by every replica for as long as it lives, so that the one that becomes active has hardly
 * anything to read.
 */
export interface StatusLog {
  /**
   * A term begins: resolves when all that its partitions need has been learnt, up to the end of the log as it stood.
   * A broker that is away is waited for.
   * @returns null when `over` is aborted first
   */
  recover(assigned: readonly AssignedPartition[], over: AbortSignal): Promise<Recovered | null>;
  /**
   * Resolves when all that is in the log at this moment was learnt: what was in it is no surprise any more. A broker
   * that is away is waited for.
   * @returns false when `over` is aborted first
   */
  heard(over: AbortSignal): Promise<boolean>;
  /** How many records lie behind the follower while a term waits for it; null while none does. */
  reading(): number | null;
  /** The next position of each partition; nothing where it is not followed yet. */
  positions(): LogPositions;
  /** From where on all that the log says is remembered. */
  rememberedFrom(): LogPositions;
  /** The committed offsets need nothing of the log before here any more. */
  needsFrom(from: LogPositions): void;
  close(): Promise<void>;
}

/** What a new term knows of those before it. */
export interface Recovered {
  /** How far back the log must be read for the records of a lane partition. */
  readonly reachOf: (partition: TopicPartition) => LogPositions;
  /** The highest offset of a lane partition that was attempted so far; -1 for none. */
  readonly highestAttempted: (partition: TopicPartition) => number;
  /** Up to which offset of a lane partition records were passed over; -1 for none. */
  readonly passedOverTo: (partition: TopicPartition) => number;
}

export interface StatusLogOptions {
  readonly kafka: Pick<Kafka, 'admin' | 'readTopic'>;
  readonly statusTopic: string;
  readonly sendTopics: readonly string[];
  readonly group: string;
  readonly decoder: Decoder<StatusEvent>;
  readonly ledger: Pick<Ledger, 'learn' | 'size'>;
  readonly settled: Pick<SettledMessages, 'pin' | 'completeFrom' | 'readAgainFrom'>;
  readonly dedupeWindowMs: number;
  /** An event was read and folded in. */
  readonly onLearnt: (event: StatusEvent, record: KafkaRecord) => void;
  readonly onSkipped: (reason: string) => void;
  readonly onFailed: (error: Error) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Begins to follow the log, from where the dedupe window begins, or further back if the committed offsets need it. */
export function followLog(options: StatusLogOptions): StatusLog {
  const { kafka, statusTopic, ledger, settled, clock, log } = options;
  const closed = new AbortController();
  const attempted = createAttemptedOffsets();
  let recovering = false;

  const following = createFollowing({
    kafka,
    topic: statusTopic,
    decoder: options.decoder,
    learn(event, record) {
      attempted.note(record);
      ledger.learn(event, record);
      options.onLearnt(event, record);
    },
    onSkipped: options.onSkipped,
    onGap: (gap) => log.error(gap, 'part of the status log is gone: what it said of attempts is not known'),
    onFailed: options.onFailed,
    clock,
    log,
  });

  const windowStart = () =>
    withAdmin(kafka, async (admin) => {
      const window = await admin.offsetsAt(statusTopic, clock.now() - options.dedupeWindowMs);
      const partitions = await committedPartitions(admin, options.group, options.sendTopics);
      const { logStart } = await whereToRecoverFrom(admin, statusTopic, partitions, clock.now());
      return lowestOf([window, logStart]);
    });

  /** Reads again what is needed and was never read, or was forgotten. */
  async function reachBackTo(needed: LogPositions): Promise<void> {
    settled.pin(needed);
    if (following.covers(needed) && isAtOrBefore(settled.completeFrom(), needed)) return;
    log.info('the committed offsets need more of the status log than is remembered: it is read again');
    const from = await following.begin(async () => needed);
    if (from) settled.readAgainFrom(from);
  }

  /** Resolves when all that is in the log at this moment was learnt, or `over` is aborted. */
  async function reachEnd(admin: Admin, over: AbortSignal): Promise<void> {
    const ends = await admin.offsets(statusTopic);
    await following.reach(endsOf(ends), over);
  }

  async function recoverOnce(assigned: readonly AssignedPartition[], over: AbortSignal): Promise<Recovered> {
    const began = clock.monotonic();
    return withAdmin(kafka, async (admin) => {
      const recovery = await whereToRecoverFrom(admin, statusTopic, assigned, clock.now());
      if (!over.aborted) await unless(over, reachBackTo(recovery.logStart));
      const before = countOf(following.positions());
      await reachEnd(admin, over);
      const tookMs = Math.round(clock.monotonic() - began);
      const read = countOf(following.positions()) - before;
      if (!over.aborted) log.info({ tookMs, read, remembered: ledger.size() }, 'the status log is read');
      const { reachOf, passedOverTo } = recovery;
      return { reachOf, passedOverTo, highestAttempted: attempted.snapshot() };
    });
  }

  const hear = shared(() =>
    persist('the status log cannot be heard', options, closed.signal, () =>
      withAdmin(kafka, (admin) => reachEnd(admin, closed.signal)),
    ),
  );
  const begun = following.begin(windowStart);

  return {
    async recover(assigned, over) {
      // What a term needs is nothing to a replica that stands by.
      over.addEventListener('abort', () => settled.pin(null), { once: true });
      recovering = true;
      await unless(over, begun);
      const recovered = await persist('the status log cannot be read', options, over, () =>
        recoverOnce(assigned, over),
      );
      recovering = false;
      return over.aborted ? null : recovered;
    },
    async heard(over) {
      await unless(over, hear());
      return !over.aborted;
    },
    positions: following.positions,
    rememberedFrom: () => higherOf(following.from(), settled.completeFrom()),
    reading: () => (recovering ? countOf(following.positions()) : null),
    needsFrom: (from) => settled.pin(from),
    async close() {
      closed.abort();
      await following.close();
    },
  };
}

/** The lanes' partitions as whoever becomes active next will get them. */
async function committedPartitions(
  admin: Pick<Admin, 'committed' | 'offsets'>,
  group: string,
  topics: readonly string[],
): Promise<readonly AssignedPartition[]> {
  const commits = await admin.committed(group, topics);
  return [...(await offsetsOf(admin, topics))].flatMap(([topic, partitions]) =>
    [...partitions].map(([partition, { low }]) => {
      const committed = commits.get(topic)?.get(partition) ?? null;
      return { topic, partition, committed, startsAt: Math.max(committed?.offset ?? low, low) };
    }),
  );
}

function countOf(positions: LogPositions): number {
  return [...positions.values()].reduce((sum, position) => sum + position, 0);
}
