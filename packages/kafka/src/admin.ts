import { setTimeout } from 'node:timers/promises';
import type { Kafka, Admin as KafkaJsAdmin } from 'kafkajs';
import { ConfigResourceTypes, KafkaJSProtocolError } from './client-library.ts';
import type { Admin, CommittedOffset, NewTopic, TopicDescription } from './port.ts';

const SERVED_WITHIN_MS = 15_000;
const SERVED_POLL_MS = 50;

export async function connectAdmin(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin();
  await admin.connect();
  const inTurn = createTurns();
  return {
    createTopic: (topic) => inTurn(() => createTopic(admin, topic)),
    addPartitions: (topic, total) => inTurn(() => addPartitions(admin, topic, total)),
    describeTopic: (topic) => inTurn(() => describeTopic(admin, topic)),
    async offsets(topic) {
      const offsets = await inTurn(() => admin.fetchTopicOffsets(topic));
      return new Map(
        offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
      );
    },
    async offsetsAt(topic, timestampMs) {
      const offsets = await inTurn(() => admin.fetchTopicOffsetsByTimestamp(topic, timestampMs));
      return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
    },
    committed: (group, topics) => inTurn(() => committed(admin, group, topics)),
    brokerCount: async () => (await inTurn(() => admin.describeCluster())).brokers.length,
    close: () => admin.disconnect(),
  };
}

/**
 * One question after another: kafkajs keeps one picture of the cluster for all of a client's questions, and one about
 * other topics can replace it between two looks of another one, which then fails with a TypeError.
 */
function createTurns(): <T>(ask: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (ask) => {
    const answer = last.then(ask);
    last = answer.catch(() => {});
    return answer;
  };
}

async function committed(
  admin: KafkaJsAdmin,
  group: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>> {
  const answer = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  return new Map(
    answer.map(({ topic, partitions }) => [
      topic,
      new Map(
        partitions
          .filter(({ offset }) => Number(offset) >= 0)
          .map(({ partition, offset, metadata }) => [
            partition,
            { offset: Number(offset), metadata: metadata ?? '' },
          ]),
      ),
    ]),
  );
}

async function addPartitions(admin: KafkaJsAdmin, topic: string, total: number): Promise<void> {
  await admin.createPartitions({ topicPartitions: [{ topic, count: total }] });
  await untilServed(admin, topic, total);
}

async function createTopic(admin: KafkaJsAdmin, newTopic: NewTopic): Promise<boolean> {
  const { topic, partitions, replicationFactor, config } = newTopic;
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const created = await admin.createTopics({
    // kafkajs' own waiting fails when the broker that is asked has not heard of the topic yet.
    waitForLeaders: false,
    topics: [{ topic, numPartitions: partitions, replicationFactor, configEntries }],
  });
  if (created) await untilServed(admin, topic, partitions);
  return created;
}

/** Leaders can be known a moment before they serve: a write then lands in some partitions, and is made again. */
async function untilServed(admin: KafkaJsAdmin, topic: string, partitions: number): Promise<void> {
  const deadline = performance.now() + SERVED_WITHIN_MS;
  for (;;) {
    try {
      if ((await admin.fetchTopicOffsets(topic)).length === partitions) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await setTimeout(SERVED_POLL_MS);
  }
}

async function describeTopic(admin: KafkaJsAdmin, topic: string): Promise<TopicDescription | null> {
  const partitions = await partitionsOf(admin, topic);
  if (!partitions) return null;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
  });
  const entries = resources[0]?.configEntries ?? [];
  return {
    partitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    config: Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue])),
  };
}

async function partitionsOf(admin: KafkaJsAdmin, topic: string) {
  // Asking for the metadata of a topic can create it; the list of topics cannot.
  if (!(await admin.listTopics()).includes(topic)) return null;
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions ?? null;
  } catch (error) {
    const unknown = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];
    if (error instanceof KafkaJSProtocolError && unknown.includes(error.type)) return null;
    throw error;
  }
}
