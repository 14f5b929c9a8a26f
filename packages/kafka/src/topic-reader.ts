import { randomUUID } from 'node:crypto';
import type { Cluster, Kafka as KafkaJs } from 'kafkajs';
import { connectAdmin } from './admin.ts';
import { createBackground } from './background.ts';
import { createDeparture } from './departure.ts';
import { exclusiveAssigner } from './exclusive-assigner.ts';
import type { AdapterContext } from './exclusive-consumer.ts';
import { createFeed, keyOf } from './feed.ts';
import { createFetches } from './fetches.ts';
import { createGuard } from './guard.ts';
import type { KafkaLog } from './kafkajs-log.ts';
import { startWithin, withCause } from './log-range.ts';
import type { Admin, OffsetGap, StartAt, TopicReader, TopicReaderEvents } from './port.ts';
import { subscribe } from './subscribe.ts';
import { createWatchdog } from './watchdog.ts';

const FETCH = {
  maxBytesPerPartition: 1024 * 1024,
  minBytes: 1,
  maxBytes: 8 * 1024 * 1024,
  maxWaitTimeInMs: 250,
};
/** Partitions that the topic gains are looked for between two fetches. */
const FETCH_OF_EVERYTHING_MS = 2_000;
/** After a crash kafkajs joins as a new member, and is kept waiting for the one that it was until its session ends. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 1_000;
const JOIN_RETRIES = 5;

/**
 * kafkajs reads only as a member of a group, so each reader is alone in one of its own, which commits
 * nothing and is deleted at the end. After every join kafkajs would start at the committed offsets: each
 * partition is sought inside GROUP_JOIN, before the first fetch.
 */
export async function readTopic(
  { kafka, log, metadataMaxAgeMs }: AdapterContext,
  topic: string,
  from: StartAt,
  events: TopicReaderEvents,
): Promise<TopicReader> {
  const group = `whatsapp-stream-reader-${randomUUID()}`;
  const next = new Map<number, number>();
  const admin = await connectAdmin(kafka);
  const watchdog = createWatchdog(SESSION_TIMEOUT_MS, fail);
  const fetches = createFetches(() => consumer.paused().length === 0, FETCH_OF_EVERYTHING_MS);
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    metadataMaxAge: metadataMaxAgeMs,
    allowAutoTopicCreation: false,
    partitionAssigners: [exclusiveAssigner(() => departure.joining(), watch)],
    // After a crash kafkajs would join again even when it was stopped meanwhile.
    retry: { retries: JOIN_RETRIES, restartOnFailure: async () => !departure.hasBegun() },
    ...FETCH,
  });
  const background = createBackground();
  const departure = createDeparture(consumer, fetches.abandon, async () => {
    watchdog.end();
    await deleteGroup(kafka, group, log);
    await background.closeAfter(() => admin.close());
  });
  const guard = createGuard(fail);
  const tellGap = (gap: OffsetGap) => guard(() => events.gap?.(gap));
  const feed = createFeed(consumer, {
    records: (records) => guard(() => events.records(records)),
    filtered: (gap) => tellGap({ ...gap, cause: 'filtered' }),
    jumped: (gap) => background.run(async () => tellGap(await withCause(admin, gap))),
    isPaused: () => false,
  });
  const positionOf = (partition: number) =>
    feed.positions.next(keyOf({ topic, partition })) ?? next.get(partition) ?? 0;

  function watch(cluster: Cluster): void {
    for (const watcher of [watchdog, fetches]) watcher.watch(cluster);
  }

  function fail(error: Error): void {
    if (departure.hasBegun()) return;
    departure.leave().catch((reason) => log.warn({ err: reason }, 'the reader did not close in good order'));
    log.error({ err: error, topic }, 'the reader ended for good');
    guard(() => events.failed(error));
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const partition of payload.memberAssignment[topic] ?? []) {
      // A partition that the topic has gained since is read from its start.
      const offset = positionOf(partition);
      next.set(partition, offset);
      feed.positions.startAt(keyOf({ topic, partition }), offset);
      consumer.seek({ topic, partition, offset: String(offset) });
    }
  });
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => feed.notice(payload));
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) fail(payload.error);
  });

  try {
    await consumer.connect();
    await subscribe(consumer, [topic]);
    const { starts, gaps } = await startOffsets(admin, topic, from);
    for (const [partition, offset] of starts) next.set(partition, offset);
    for (const gap of gaps) tellGap(gap);
    watchdog.start(consumer);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        if (!departure.hasBegun()) feed.take(batch, resolveOffset);
      },
    });
  } catch (error) {
    await departure.leave();
    throw error;
  }
  return {
    positions: () => new Map([...next.keys()].map((partition) => [partition, positionOf(partition)])),
    close: () => departure.leave(),
  };
}

/** The offsets to start at, and what was asked for but is no more. */
async function startOffsets(admin: Admin, topic: string, from: StartAt) {
  const ranges = [...(await admin.offsets(topic))];
  if (from === 'beginning' || from === 'end') {
    const starts = ranges.map(
      ([partition, { low, high }]) => [partition, from === 'end' ? high : low] as const,
    );
    return { starts, gaps: [] };
  }
  if ('timestampMs' in from)
    return { starts: [...(await admin.offsetsAt(topic, from.timestampMs))], gaps: [] };
  const starts = ranges.map(
    ([partition, range]) => [partition, startWithin(from.get(partition), range)] as const,
  );
  const gaps = starts.flatMap(([partition, to]): readonly OffsetGap[] => {
    const wanted = from.get(partition);
    if (wanted === undefined || wanted >= to) return [];
    return [{ topic, partition, from: wanted, to, cause: 'retention' }];
  });
  return { starts, gaps };
}

/** The broker forgets an empty group by itself in the end; a group that is left behind for days annoys people. */
async function deleteGroup(kafka: KafkaJs, group: string, log: KafkaLog): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.deleteGroups([group]);
  } catch (error) {
    log.debug({ err: error, group }, 'the reader group was not deleted');
  } finally {
    await admin.disconnect();
  }
}
