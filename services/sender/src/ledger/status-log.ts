import type { Admin, AssignedPartition, Kafka, TopicPartition } from '@whatsapp-stream/kafka';
import type { Decoder, StatusEvent } from '@whatsapp-stream/schemas';
import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';
import { type Follower, followStatusLog } from './follower.ts';
import type { Ledger } from './ledger.ts';
import { isAtOrBefore, type LogPositions, lowestOf } from './log-positions.ts';
import {
  type AttemptedOffsets,
  createAttemptedOffsets,
  type Recovery,
  whereToRecoverFrom,
} from './recover.ts';
import type { SettledMessages } from './settled.ts';

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
  /** The next position of each partition; nothing where it is not followed yet. */
  positions(): LogPositions;
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
  readonly onSkipped: (reason: string) => void;
  readonly onFailed: (error: Error) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const RETRY_MS = 1_000;

interface Following {
  readonly follower: Follower;
  readonly from: LogPositions;
}

/** Begins to follow the log, from where the dedupe window begins, or further back if the committed offsets need it. */
export function followLog(options: StatusLogOptions): StatusLog {
  const { kafka, statusTopic, settled, clock, log } = options;
  const closed = new AbortController();
  const attempted = createAttemptedOffsets();
  let following: Following | undefined;

  /** Tries until it succeeds. @returns null when `over` is aborted first */
  async function persist<T>(what: string, over: AbortSignal, work: () => Promise<T>): Promise<T | null> {
    while (!over.aborted) {
      try {
        return await work();
      } catch (error) {
        log.warn({ err: error }, `${what}, trying again`);
        await sleep(clock, RETRY_MS, over);
      }
    }
    return null;
  }

  async function follow(from: LogPositions): Promise<Following> {
    const { decoder, ledger, onSkipped, onFailed } = options;
    const follower = await followStatusLog({
      kafka,
      topic: statusTopic,
      from,
      decoder,
      learn(event, record) {
        attempted.note(record);
        ledger.learn(event, record);
      },
      onSkipped,
      onGap: (gap) => log.error(gap, 'part of the status log is gone: what it said of attempts is not known'),
      onFailed,
      clock,
      log,
    });
    return { follower, from };
  }

  async function begin(): Promise<void> {
    const from = await withAdmin(kafka, async (admin) => {
      const windowStart = await admin.offsetsAt(statusTopic, clock.now() - options.dedupeWindowMs);
      const partitions = await committedPartitions(admin, options.group, options.sendTopics);
      const { logStart } = await whereToRecoverFrom(admin, statusTopic, partitions, clock.now());
      return lowestOf([windowStart, logStart]);
    });
    following = await follow(from);
  }

  /** Reads again what is needed and was never read, or was forgotten. */
  async function reachBackTo(start: LogPositions): Promise<Follower> {
    settled.pin(start);
    const known =
      following && isAtOrBefore(following.from, start) && isAtOrBefore(settled.completeFrom(), start);
    if (following && known) return following.follower;
    log.info('the committed offsets need more of the status log than is remembered: it is read again');
    await following?.follower.close();
    following = undefined;
    following = await follow(start);
    settled.readAgainFrom(start);
    return following.follower;
  }

  async function recoverOnce(assigned: readonly AssignedPartition[], over: AbortSignal): Promise<Recovered> {
    const started = clock.monotonic();
    return withAdmin(kafka, async (admin) => {
      const recovery = await whereToRecoverFrom(admin, statusTopic, assigned, clock.now());
      const follower = await reachBackTo(recovery.logStart);
      const before = countOf(follower.positions());
      const ends = await admin.offsets(statusTopic);
      await follower.reach(new Map([...ends].map(([partition, { high }]) => [partition, high])), over);
      const tookMs = Math.round(clock.monotonic() - started);
      const read = countOf(follower.positions()) - before;
      log.info({ tookMs, read, remembered: options.ledger.size() }, 'the status log is read');
      return recoveredFrom(recovery, attempted);
    });
  }

  const begun = persist('the status log cannot be followed', closed.signal, begin);
  return {
    async recover(assigned, over) {
      // What a term needs is nothing to a replica that stands by.
      over.addEventListener('abort', () => settled.pin(null), { once: true });
      await Promise.race([begun, aborted(over)]);
      const recovered = await persist('the status log cannot be read', over, () =>
        recoverOnce(assigned, over),
      );
      return over.aborted ? null : recovered;
    },
    positions: () => following?.follower.positions() ?? new Map(),
    needsFrom: (from) => settled.pin(from),
    async close() {
      closed.abort();
      await begun;
      await following?.follower.close();
    },
  };
}

/** As they were when the term began: what is attempted from then on, it remembers itself. */
function recoveredFrom(recovery: Recovery, attempted: AttemptedOffsets): Recovered {
  return { reachOf: recovery.reachOf, highestAttempted: attempted.snapshot() };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function withAdmin<T>(kafka: Pick<Kafka, 'admin'>, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = await kafka.admin();
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

/** The lanes' partitions as whoever becomes active next will get them. */
async function committedPartitions(
  admin: Pick<Admin, 'committed' | 'offsets'>,
  group: string,
  topics: readonly string[],
): Promise<readonly AssignedPartition[]> {
  const commits = await admin.committed(group, topics);
  const ranges = await Promise.all(topics.map(async (topic) => [topic, await admin.offsets(topic)] as const));
  return ranges.flatMap(([topic, partitions]) =>
    [...partitions].map(([partition, { low }]) => {
      const committed = commits.get(topic)?.get(partition) ?? null;
      return { topic, partition, committed, startsAt: Math.max(committed?.offset ?? low, low) };
    }),
  );
}

function countOf(positions: LogPositions): number {
  return [...positions.values()].reduce((sum, position) => sum + position, 0);
}
