import type { Kafka, Admin as KafkaJsAdmin } from 'kafkajs';
import { ConfigResourceTypes, KafkaJSProtocolError } from './client-library.ts';
import type { Admin, TopicDescription } from './port.ts';

export async function connectAdmin(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin();
  await admin.connect();
  return {
    createTopic: ({ topic, partitions, replicationFactor, config }) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic,
            numPartitions: partitions,
            replicationFactor,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      }),
    describeTopic: (topic) => describeTopic(admin, topic),
    async offsets(topic) {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(
        offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
      );
    },
    async offsetsAt(topic, timestampMs) {
      const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, timestampMs);
      return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
    },
    async committed(group, topics) {
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
    },
    brokerCount: async () => (await admin.describeCluster()).brokers.length,
    close: () => admin.disconnect(),
  };
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
    if (error instanceof KafkaJSProtocolError && error.type === 'UNKNOWN_TOPIC_OR_PARTITION') return null;
    throw error;
  }
}
