import type { Consumer, Kafka as KafkaJs } from 'kafkajs';
import { connectAdmin } from './admin.ts';
import { exclusiveAssigner } from './exclusive-assigner.ts';
import { createFeed } from './feed.ts';
import type { KafkaLog } from './kafkajs-log.ts';
import type {
  Admin,
  AssignedPartition,
  ExclusiveConsumer,
  ExclusiveConsumerEvents,
  ExclusiveConsumerOptions,
  OffsetGap,
  TopicPartition,
} from './port.ts';

/** A small fetch, so that a resumed partition waits little and no lane holds much of the memory. */
const FETCH = {
  maxBytesPerPartition: 256 * 1024,
  minBytes: 1,
  maxBytes: 4 * 1024 * 1024,
  maxWaitTimeInMs: 250,
};
const METADATA_MAX_AGE_MS = 30_000;
const START_RETRY_MS = 1_000;

export function createExclusiveConsumer(
  kafka: KafkaJs,
  options: ExclusiveConsumerOptions,
  events: ExclusiveConsumerEvents,
  log: KafkaLog,
): ExclusiveConsumer {
  let epoch = 0;
  let admin: Admin | undefined;
  let stopped = false;

  const consumer = kafka.consumer({
    groupId: options.group,
    sessionTimeout: options.sessionTimeoutMs,
    // A member that is slow to join again must not be thrown out sooner than one that is silent.
    rebalanceTimeout: Math.max(options.sessionTimeoutMs, 10_000),
    heartbeatInterval: Math.max(Math.floor(options.sessionTimeoutMs / 6), 250),
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    partitionAssigners: [exclusiveAssigner(endEpoch)],
    ...FETCH,
  });
  const feed = createFeed(consumer, (records) => events.records(epoch, records), reportGap);

  function endEpoch(): void {
    epoch += 1;
    feed.positions.clear();
    events.epochEnded();
  }

  function reportGap(gap: Omit<OffsetGap, 'cause'>): void {
    void admin
      ?.offsets(gap.topic)
      .then((offsets) => (offsets.get(gap.partition)?.low ?? 0) > gap.from)
      .catch(() => true)
      .then((deleted) => events.gap({ ...gap, cause: deleted ? 'retention' : 'filtered' }));
  }

  /** Reads the committed offsets afresh and seeks each partition there; all stay paused until their owner resumes them. */
  async function activate(joined: number, partitions: readonly TopicPartition[]): Promise<void> {
    while (joined === epoch && !stopped && admin) {
      try {
        const assigned = await startingPoints(admin, options.group, partitions);
        if (joined !== epoch) return;
        for (const { topic, partition, startsAt } of assigned) {
          feed.positions.startAt(`${topic}/${partition}`, startsAt);
          consumer.seek({ topic, partition, offset: String(startsAt) });
        }
        events.activated(joined, assigned);
        return;
      } catch (error) {
        log.warn({ err: error }, 'cannot read the committed offsets, trying again');
        await new Promise((resolve) => setTimeout(resolve, START_RETRY_MS));
      }
    }
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const joined = epoch;
    const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    log.info({ group: options.group, epoch: joined, active: partitions.length > 0 }, 'joined the group');
    if (partitions.length === 0) {
      events.standingBy(joined);
      return;
    }
    consumer.pause(asTopicPartitions(partitions));
    void activate(joined, partitions);
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    endEpoch();
    if (!payload.restart && !stopped) events.failed(payload.error);
  });

  return {
    async start() {
      admin = await connectAdmin(kafka);
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset }) => feed.take(batch, resolveOffset),
      });
    },
    pause: ({ topic, partition }) => consumer.pause([{ topic, partitions: [partition] }]),
    resume: ({ topic, partition }) => consumer.resume([{ topic, partitions: [partition] }]),
    async commit(of, commits) {
      if (of !== epoch || stopped || commits.length === 0) return false;
      return commitOffsets(consumer, commits, log);
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await consumer.disconnect();
      await admin?.close();
    },
  };
}

async function commitOffsets(
  consumer: Consumer,
  commits: Parameters<ExclusiveConsumer['commit']>[1],
  log: KafkaLog,
): Promise<boolean> {
  try {
    await consumer.commitOffsets(commits.map((commit) => ({ ...commit, offset: String(commit.offset) })));
    return true;
  } catch (error) {
    log.warn({ err: error }, 'offsets were not committed');
    return false;
  }
}

async function startingPoints(
  admin: Admin,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<AssignedPartition[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const committed = await admin.committed(group, topics);
  const lows = new Map(
    await Promise.all(topics.map(async (topic) => [topic, await admin.offsets(topic)] as const)),
  );
  return partitions.map(({ topic, partition }) => {
    const commit = committed.get(topic)?.get(partition) ?? null;
    const low = lows.get(topic)?.get(partition)?.low ?? 0;
    return { topic, partition, committed: commit, startsAt: commit?.offset ?? low };
  });
}

function asTopicPartitions(partitions: readonly TopicPartition[]) {
  return partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] }));
}
