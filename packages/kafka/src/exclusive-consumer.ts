import type { Cluster, Kafka as KafkaJs } from 'kafkajs';
import { connectAdmin } from './admin.ts';
import { createBackground } from './background.ts';
import { KafkaJSNonRetriableError } from './client-library.ts';
import { createCommitter } from './committer.ts';
import { createDeparture } from './departure.ts';
import { exclusiveAssigner } from './exclusive-assigner.ts';
import { createFeed, keyOf } from './feed.ts';
import { createFetches } from './fetches.ts';
import { createGuard } from './guard.ts';
import type { KafkaLog } from './kafkajs-log.ts';
import { createLease } from './lease.ts';
import { withCause } from './log-range.ts';
import type {
  Admin,
  ExclusiveConsumer,
  ExclusiveConsumerEvents,
  ExclusiveConsumerOptions,
  OffsetGap,
  TopicPartition,
} from './port.ts';
import { deletedBefore, startingPoints } from './starting-points.ts';
import { subscribe } from './subscribe.ts';
import { createWatchdog } from './watchdog.ts';

/** A small fetch, so that a resumed partition waits little and no lane holds much of the memory. */
const FETCH = {
  maxBytesPerPartition: 16 * 1024,
  minBytes: 1,
  maxBytes: 4 * 1024 * 1024,
  maxWaitTimeInMs: 250,
};
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

export function createExclusiveConsumer(
  { kafka, log, metadataMaxAgeMs }: AdapterContext,
  options: ExclusiveConsumerOptions,
  events: ExclusiveConsumerEvents,
): ExclusiveConsumer {
  let epoch = 0;
  let admin: Admin | undefined;
  const paused = new Set<string>();
  const lease = createLease(options.sessionTimeoutMs);
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
    partitionAssigners: [exclusiveAssigner(joining, watch)],
    // After a crash kafkajs would join again even when it was stopped meanwhile.
    retry: { retries: JOIN_RETRIES, restartOnFailure: async () => !departure.hasBegun() },
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

  function watch(cluster: Cluster): void {
    for (const watcher of [watchdog, lease, fetches]) watcher.watch(cluster);
  }

  function joining(): void {
    departure.joining();
    endEpoch();
  }

  function endEpoch(): void {
    epoch += 1;
    lease.end();
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

  /** Reads the committed offsets afresh and seeks each partition there; all stay paused until their owner resumes them. */
  async function activate(joined: number, partitions: readonly TopicPartition[]): Promise<void> {
    while (joined === epoch && !departure.hasBegun() && admin) {
      try {
        const assigned = await startingPoints(admin, options.group, partitions, log);
        if (joined !== epoch || departure.hasBegun()) return;
        for (const { topic, partition, startsAt } of assigned) {
          consumer.seek({ topic, partition, offset: String(startsAt) });
          feed.positions.startAt(keyOf({ topic, partition }), startsAt);
        }
        guard(() => events.activated(joined, assigned));
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
    log.info({ group: options.group, epoch: joined, active: partitions.length > 0 }, 'joined the group');
    if (partitions.length === 0) {
      guard(() => events.standingBy(joined));
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
    holdsLease: (of) => of === epoch && !departure.hasBegun() && lease.holds(),
    async commit(of, commits) {
      return commits.length > 0 && commit(() => of !== epoch || departure.hasBegun(), commits);
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
