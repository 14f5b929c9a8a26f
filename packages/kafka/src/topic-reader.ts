import { randomUUID } from 'node:crypto';
import type { Kafka as KafkaJs } from 'kafkajs';
import { connectAdmin } from './admin.ts';
import { createFeed, keyOf } from './feed.ts';
import type { KafkaLog } from './kafkajs-log.ts';
import type { Admin, StartAt, TopicReader, TopicReaderEvents } from './port.ts';

const FETCH = {
  maxBytesPerPartition: 1024 * 1024,
  minBytes: 1,
  maxBytes: 8 * 1024 * 1024,
  maxWaitTimeInMs: 250,
};
const SESSION_TIMEOUT_MS = 30_000;
const METADATA_MAX_AGE_MS = 30_000;

/**
 * kafkajs reads only as a member of a group, so each reader is alone in one of its own, which commits
 * nothing and is deleted at the end. After every join kafkajs would start at the committed offsets: each
 * partition is sought inside GROUP_JOIN, before the first fetch.
 */
export async function readTopic(
  kafka: KafkaJs,
  topic: string,
  from: StartAt,
  events: TopicReaderEvents,
  log: KafkaLog,
): Promise<TopicReader> {
  const admin = await connectAdmin(kafka);
  const starts = await startOffsets(admin, topic, from);
  const group = `whatsapp-stream-reader-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    ...FETCH,
  });
  const feed = createFeed(consumer, events.records, (gap) => {
    void admin
      .offsets(topic)
      .then((offsets) => (offsets.get(gap.partition)?.low ?? 0) > gap.from)
      .catch(() => true)
      .then((deleted) => events.gap?.({ ...gap, cause: deleted ? 'retention' : 'filtered' }));
  });
  const next = new Map(starts);
  const positionOf = (partition: number) =>
    feed.positions.next(keyOf({ topic, partition })) ?? next.get(partition) ?? 0;
  let closed = false;

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const partition of payload.memberAssignment[topic] ?? []) {
      // A partition that the topic has gained since is read from its start.
      const offset = positionOf(partition);
      next.set(partition, offset);
      feed.positions.startAt(keyOf({ topic, partition }), offset);
      consumer.seek({ topic, partition, offset: String(offset) });
    }
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart && !closed) events.failed(payload.error);
  });

  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset }) => feed.take(batch, resolveOffset),
  });

  return {
    positions: () => new Map([...next.keys()].map((partition) => [partition, positionOf(partition)])),
    async close() {
      if (closed) return;
      closed = true;
      await consumer.disconnect();
      await kafkaAdminDeleteGroup(kafka, group, log);
      await admin.close();
    },
  };
}

async function startOffsets(
  admin: Admin,
  topic: string,
  from: StartAt,
): Promise<ReadonlyMap<number, number>> {
  if (from instanceof Map) return from;
  if (typeof from === 'object' && 'timestampMs' in from) return admin.offsetsAt(topic, from.timestampMs);
  const offsets = await admin.offsets(topic);
  return new Map([...offsets].map(([partition, { low, high }]) => [partition, from === 'end' ? high : low]));
}

/** The broker forgets an empty group by itself in the end; a group that is left behind for days annoys people. */
async function kafkaAdminDeleteGroup(kafka: KafkaJs, group: string, log: KafkaLog): Promise<void> {
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
