import kafkajs from 'kafkajs';

const CODECS = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export type Codec = keyof typeof CODECS;

/** What the port has no words for, because the project never does it; others do. */
export interface ForeignClient {
  /** Writes one transaction to partition 0 and ends it as told. */
  writeTransaction(topic: string, values: readonly string[], end: 'commit' | 'abort'): Promise<void>;
  /** Writes all to partition 0 in one batch, each value under itself as key. */
  writeCompressed(topic: string, values: readonly string[], codec: Codec): Promise<void>;
  /** As retention does it: deletes the records of partition 0 below `offset`. */
  deleteBefore(topic: string, offset: number): Promise<void>;
  addPartitions(topic: string, count: number): Promise<void>;
  groups(): Promise<readonly string[]>;
  /** The group of which a member has subscribed to the topic. */
  groupReading(topic: string): Promise<string | undefined>;
  memberCount(group: string): Promise<number>;
}

export function createForeignClient(brokers: readonly string[]): ForeignClient {
  const client = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'contract-foreign',
    logLevel: kafkajs.logLevel.NOTHING,
  });

  async function withAdmin<T>(work: (admin: kafkajs.Admin) => Promise<T>): Promise<T> {
    const admin = client.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  return {
    async writeTransaction(topic, values, end) {
      const producer = client.producer({
        transactionalId: topic,
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      const transaction = await producer.transaction();
      const messages = values.map((value) => ({ key: value, value, partition: 0 }));
      await transaction.send({ topic, messages });
      await (end === 'commit' ? transaction.commit() : transaction.abort());
      await producer.disconnect();
    },
    async writeCompressed(topic, values, codec) {
      const producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
      await producer.connect();
      const messages = values.map((value) => ({ key: value, value, partition: 0 }));
      await producer.send({ topic, messages, compression: CODECS[codec] });
      await producer.disconnect();
    },
    deleteBefore: (topic, offset) =>
      withAdmin(async (admin) => {
        // Deleting takes for granted that the client knows the topic.
        await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
      }),
    addPartitions: (topic, count) =>
      withAdmin(async (admin) => {
        await admin.createPartitions({ topicPartitions: [{ topic, count }] });
        // A write to partitions that are not served yet is made again, and puts some records in twice.
        const isServed = async () => (await admin.fetchTopicOffsets(topic)).length === count;
        while (!(await isServed().catch(() => false)));
      }),
    groups: () => withAdmin(groupsOf),
    groupReading: (topic) =>
      withAdmin(async (admin) => {
        const { groups } = await admin.describeGroups([...(await groupsOf(admin))]);
        return groups.find(({ members }) =>
          members.some(({ memberMetadata }) => isSubscribed(memberMetadata, topic)),
        )?.groupId;
      }),
    memberCount: (group) =>
      withAdmin(async (admin) => (await admin.describeGroups([group])).groups[0]?.members.length ?? 0),
  };
}

const groupsOf = async (admin: kafkajs.Admin): Promise<readonly string[]> =>
  (await admin.listGroups()).groups.map(({ groupId }) => groupId);

/** The metadata of a member is empty while its group joins. */
const isSubscribed = (metadata: Buffer, topic: string): boolean =>
  metadata.length > 0 &&
  kafkajs.AssignerProtocol.MemberMetadata.decode(metadata)?.topics.includes(topic) === true;
