import { Kafka, logLevel } from 'kafkajs';

/** So that a bench leaves no gigabytes behind where the cluster is not its own. */
export async function deleteTopics(brokers: string, topics: readonly string[]): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [...topics] });
  } finally {
    await admin.disconnect();
  }
}
