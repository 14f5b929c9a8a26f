import { type Kafka, type OffsetCommit, withAdmin } from '@whatsapp-stream/kafka';

/** Commits in the senders' place. No other member of the group may run. */
export async function commitAs(
  kafka: Kafka,
  group: string,
  topics: readonly string[],
  commits: readonly OffsetCommit[],
): Promise<void> {
  const active = Promise.withResolvers<number>();
  const consumer = kafka.exclusiveConsumer(
    { group, topics, sessionTimeoutMs: 10_000 },
    {
      epochEnded: () => undefined,
      activated: (epoch) => active.resolve(epoch),
      standingBy: () => undefined,
      records: () => undefined,
      gap: () => undefined,
      failed: active.reject,
    },
  );
  await consumer.start();
  const committed = await consumer.commit(await active.promise, commits);
  await consumer.stop();
  if (!committed) throw new Error(`the commit of ${group} was refused`);
}

/** Commits as a sender does that has done everything in the lanes. */
export async function commitAll(kafka: Kafka, group: string, topics: readonly string[]): Promise<void> {
  const commits = await withAdmin(kafka, async (admin) => {
    const ends = await Promise.all(topics.map(async (topic) => ({ topic, of: await admin.offsets(topic) })));
    return ends.flatMap(({ topic, of }) =>
      [...of].map(([partition, { high }]) => ({ topic, partition, offset: high, metadata: '' })),
    );
  });
  await commitAs(kafka, group, topics, commits);
}
