import type { Cluster, Kafka as KafkaJs, PartitionAssigner } from 'kafkajs';
import { connectAdmin } from './admin.ts';
import { createBackground } from './background.ts';
import { KafkaJSNonRetriableError } from './client-library.ts';
import { createCommitter } from './committer.ts';
import { createDeparture } from './departure.ts';
import { createFeed, keyOf } from './feed.ts';
import { createFetches } from './fetches.ts';
import { createGuard } from './guard.ts';
import type { KafkaLog } from './kafkajs-log.ts';
import { withCause } from './log-range.ts';
import { tryAgainWhereNoCoordinator } from './passing-errors.ts';
import type {
  Admin,
  AssignedPartition,
  KafkaRecord,
  OffsetCommit,
  OffsetGap,
  TopicPartition,
} from './port.ts';
import { deletedBefore } from './starting-points.ts';
import { subscribe } from './subscribe.ts';
import { createWatchdog } from './watchdog.ts';

const FETCH = { minBytes: 1, maxBytes: 4 * 1024 * 1024, maxWaitTimeInMs: 250 };
/** Its heartbeats are sent between two fetches. */
const FETCH_OF_EVERYTHING_MS = 1_000;
/** Another member hears of a rebalance, and can take over, by its next heartbeat. */
const HEARTBEAT_MS = 500;
const START_RETRY_MS = 1_000;
const JOIN_RETRIES = 5;

export interface AdapterContext {
  readonly kafka: KafkaJs;
  readonly log: KafkaLog;
  /** After at most this time, and one fetch, a partition that a topic has gained is known. */
  readonly metadataMaxAgeMs: number;
}

/** What all consumers that belong to a group have in common; how its partitions are shared out is for each to say. */
export interface GroupConsumer {
  start(): Promise<void>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** Whether `epoch` is over, or the consumer has begun to leave. */
  isOver(epoch: number): boolean;
  commit(epoch: number, commits: readonly OffsetCommit[]): Promise<boolean>;
  stop(): Promise<void>;
}

export interface GroupConsumerOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly maxBytesPerPartition: number;
  /** Calls `joining` before each join, and `watch` with the cluster that the consumer speaks through. */
  readonly assigner: (joining: () => void, watch: (cluster: Cluster) => void) => PartitionAssigner;
  /** What the partitions of an epoch are read from; asked again while it throws and the epoch lasts. */
  readonly startingPoints: (
    admin: Admin,
    epoch: number,
    partitions: readonly TopicPartition[],
  ) => Promise<readonly AssignedPartition[]>;
  /** Are shown that cluster, too. */
  readonly watchers: readonly { watch(cluster: Cluster): void }[];
}

export interface GroupConsumerEvents {
  epochEnded(): void;
  /** All partitions are paused. */
  joined(epoch: number, partitions: readonly AssignedPartition[]): void;
  records(epoch: number, records: readonly KafkaRecord[]): void;
  gap(gap: OffsetGap): void;
  failed(error: Error): void;
}

export function createGroupConsumer(
  { kafka, log, metadataMaxAgeMs }: AdapterContext,
  options: GroupConsumerOptions,
  events: GroupConsumerEvents,
): GroupConsumer {
  let epoch = 0;
  let admin: Admin | undefined;
  const paused = new Set<string>();
  const watchdog = createWatchdog(options.sessionTimeoutMs, fail);
  const fetches = createFetches(() => consumer.paused().length === 0, FETCH_OF_EVERYTHING_MS);

  const consumer = kafka.consumer({
    groupId: options.group,
    sessionTimeout: options.sessionTimeoutMs,
    // A member that is slow to join again must not be thrown out sooner than one that is silent.
    rebalanceTimeout: Math.max(options.sessionTimeoutMs, 10_000),
    heartbeatInterval: HEARTBEAT_MS,
    metadataMaxAge: metadataMaxAgeMs,
    allowAutoTopicCreation: false,
    partitionAssigners: [options.assigner(joining, watch)],
    // After a crash kafkajs would join again even when it was stopped meanwhile.
    retry: { retries: JOIN_RETRIES, restartOnFailure: async () => !departure.hasBegun() },
    maxBytesPerPartition: options.maxBytesPerPartition,
    ...FETCH,
  });
  const background = createBackground();
  const departure = createDeparture(consumer, fetches.abandon, () => {
    watchdog.end();
    return background.closeAfter(async () => admin?.close());
  });
  const guard = createGuard(fail);
  const commit = createCommitter(consumer, log);
  const feed = createFeed(consumer, {
    records: (records) => guard(() => events.records(epoch, records)),
    filtered: (gap) => tellGap({ ...gap, cause: 'filtered' }),
    jumped: (gap) => background.run(async () => admin && tellGap(await withCause(admin, gap))),
    isPaused: (key) => paused.has(key),
  });
  const tellGap = (gap: OffsetGap) => guard(() => events.gap(gap));
  const isOver = (of: number) => of !== epoch || departure.hasBegun();

  function watch(cluster: Cluster): void {
    tryAgainWhereNoCoordinator(cluster);
    for (const watcher of [watchdog, fetches, ...options.watchers]) watcher.watch(cluster);
  }

  function joining(): void {
    departure.joining();
    endEpoch();
  }

  function endEpoch(): void {
    epoch += 1;
    feed.positions.clear();
    guard(() => events.epochEnded());
  }

  function fail(error: Error): void {
    if (departure.hasBegun()) return;
    departure
      .leave()
      .catch((reason) => log.warn({ err: reason }, 'the consumer did not leave in good order'));
    endEpoch();
    log.error({ err: error, group: options.group }, 'the consumer ended for good');
    guard(() => events.failed(error));
  }

  /** Asks for the committed offsets afresh and seeks each partition there; all stay paused until their owner resumes them. */
  async function activate(joined: number, partitions: readonly TopicPartition[]): Promise<void> {
    while (!isOver(joined) && admin) {
      try {
        const assigned = await options.startingPoints(admin, joined, partitions);
        if (isOver(joined)) return;
        for (const { topic, partition, startsAt } of assigned) {
          consumer.seek({ topic, partition, offset: String(startsAt) });
          feed.positions.startAt(keyOf({ topic, partition }), startsAt);
        }
        guard(() => events.joined(joined, assigned));
        for (const gap of deletedBefore(assigned)) tellGap(gap);
        return;
      } catch (error) {
        log.warn({ err: error }, 'cannot read the committed offsets, trying again');
        await new Promise((resolve) => setTimeout(resolve, START_RETRY_MS));
      }
    }
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    if (departure.hasBegun()) return;
    const joined = epoch;
    const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    log.info({ group: options.group, epoch: joined, partitions: partitions.length }, 'joined the group');
    if (partitions.length === 0) {
      guard(() => events.joined(joined, []));
      return;
    }
    for (const partition of partitions) {
      paused.add(keyOf(partition));
      consumer.pause([asTopicPartitions(partition)]);
    }
    background.run(() => activate(joined, partitions));
  });
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => feed.notice(payload));
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (payload.restart) endEpoch();
    else fail(payload.error);
  });

  return {
    async start() {
      try {
        admin = await connectAdmin(kafka);
        departure.refuse();
        await consumer.connect();
        departure.refuse();
        await subscribe(consumer, options.topics);
        departure.refuse();
        watchdog.start(consumer);
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: async ({ batch, resolveOffset }) => feed.take(batch, resolveOffset),
        });
      } catch (error) {
        await departure.leave();
        // What was connected after a stop.
        await consumer.disconnect();
        await admin?.close();
        throw error;
      }
    },
    pause(partition) {
      paused.add(keyOf(partition));
      unlessCrashed(() => consumer.pause([asTopicPartitions(partition)]));
    },
    resume(partition) {
      // A partition that has no position is of no epoch that is active: its owner is late.
      if (feed.positions.next(keyOf(partition)) === undefined) return;
      paused.delete(keyOf(partition));
      unlessCrashed(() => consumer.resume([asTopicPartitions(partition)]));
    },
    isOver,
    async commit(of, commits) {
      return commits.length > 0 && commit(() => isOver(of), commits);
    },
    stop() {
      feed.positions.clear();
      return departure.leave();
    },
  };
}

/** A consumer that has crashed, and not started anew yet, can be neither paused nor resumed; it starts paused. */
function unlessCrashed(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof KafkaJSNonRetriableError)) throw error;
  }
}

const asTopicPartitions = ({ topic, partition }: TopicPartition) => ({ topic, partitions: [partition] });
