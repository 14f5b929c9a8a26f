import type { Kafka, Message, RecordMetadata } from 'kafkajs';
import { compressionFor } from './compression.ts';
import { createPlacement, type Placement } from './placement.ts';
import { KafkaWriteError, type NewRecord, type Producer, type RecordPosition } from './port.ts';
import { isRefusedForSize } from './size-refusal.ts';

/**
 * Bounded: seven tries in some 6 s before the caller hears of it, where brokers refuse (up to 15 s when the connection
 * was lost before); some 2 min where they never answer, by the request time-out of 15 s for each try.
 */
const RETRY = { initialRetryTime: 100, multiplier: 2, maxRetryTime: 2_000, retries: 6 };
const PRODUCE_TIMEOUT_MS = 10_000;

/**
 * Writes with acks=all. Never kafkajs' idempotent mode: after a lost response it reuses sequence numbers,
 * the broker takes the next batch for a duplicate, and acknowledged records vanish.
 */
export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const placement = createPlacement();
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: RETRY,
    createPartitioner: placement.createPartitioner,
  });
  await producer.connect();
  return {
    async send(records) {
      if (records.length === 0) return [];
      const byTopic = new Map<string, Message[]>();
      const messages = records.map(({ topic, key, value, headers = {} }) => {
        const message: Message = { key, value, headers };
        const ofTopic = byTopic.get(topic);
        if (ofTopic) ofTopic.push(message);
        else byTopic.set(topic, [message]);
        return message;
      });
      const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
      const compression = compressionFor(records.map(({ value }) => value));
      try {
        const landed = await producer.sendBatch({
          acks: -1,
          timeout: PRODUCE_TIMEOUT_MS,
          compression,
          topicMessages,
        });
        return positionsOf(records, messages, placement, landed);
      } catch (error) {
        if (error instanceof KafkaWriteError) throw error;
        const why = error instanceof Error ? error.message : String(error);
        const where = [...byTopic.keys()].join(', ');
        throw new KafkaWriteError(
          `Kafka did not acknowledge ${records.length} record(s) for ${where}: ${why}`,
          {
            cause: error,
            tooLarge: isRefusedForSize(error),
          },
        );
      }
    },
    close: () => producer.disconnect(),
  };
}

/**
 * A record counts as written only if the response names its partition: a send to a partition that is not
 * known resolves to an empty list.
 */
function positionsOf(
  records: readonly NewRecord[],
  messages: readonly Message[],
  placement: Placement,
  landed: readonly RecordMetadata[],
): RecordPosition[] {
  const next = new Map<string, Map<number, number>>();
  for (const { topicName, partition, errorCode, baseOffset } of landed) {
    if (errorCode !== 0 || baseOffset === undefined) continue;
    const ofTopic = next.get(topicName) ?? new Map<number, number>();
    next.set(topicName, ofTopic.set(partition, Number(baseOffset)));
  }
  return records.map(({ topic }, i) => {
    const message = messages[i];
    const partition = message && placement.partitionOf(message);
    const offsets = next.get(topic);
    const offset = partition === undefined ? undefined : offsets?.get(partition);
    if (partition === undefined || offset === undefined) {
      throw new KafkaWriteError(
        `Kafka's answer does not name ${topic}/${partition}: not known to be written`,
      );
    }
    offsets?.set(partition, offset + 1);
    return { topic, partition, offset };
  });
}
