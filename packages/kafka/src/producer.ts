import {
  type ICustomPartitioner,
  type Kafka,
  type Message,
  Partitioners,
  type RecordMetadata,
} from 'kafkajs';
import { KafkaWriteError, type NewRecord, type Producer, type RecordPosition } from './port.ts';

/** Bounded retries: about six seconds of trouble before the caller hears of it. */
const RETRY = { initialRetryTime: 100, multiplier: 2, maxRetryTime: 2_000, retries: 6 };
const PRODUCE_TIMEOUT_MS = 10_000;

/**
 * Writes with acks=all. Never kafkajs' idempotent mode: after a lost response it reuses sequence numbers,
 * the broker takes the next batch for a duplicate, and acknowledged records vanish.
 */
export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const placed = new WeakMap<Message, number>();
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: RETRY,
    createPartitioner: rememberingPartitioner(placed),
  });
  await producer.connect();
  return {
    async send(records) {
      if (records.length === 0) return [];
      const messages = records.map(toMessage);
      const byTopic = new Map<string, Message[]>();
      for (const [i, record] of records.entries()) {
        const message = messages[i];
        if (message) byTopic.set(record.topic, [...(byTopic.get(record.topic) ?? []), message]);
      }
      const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
      try {
        const landed = await producer.sendBatch({ acks: -1, timeout: PRODUCE_TIMEOUT_MS, topicMessages });
        return positionsOf(records, messages, placed, landed);
      } catch (error) {
        if (error instanceof KafkaWriteError) throw error;
        const why = error instanceof Error ? error.message : String(error);
        throw new KafkaWriteError(`Kafka did not acknowledge ${records.length} record(s): ${why}`, {
          cause: error,
        });
      }
    },
    close: () => producer.disconnect(),
  };
}

function toMessage(record: NewRecord): Message {
  const headers = Object.entries(record.headers ?? {}).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { key: record.key, value: record.value, headers: Object.fromEntries(headers) };
}

function rememberingPartitioner(placed: WeakMap<Message, number>): ICustomPartitioner {
  return () => {
    const partition = Partitioners.DefaultPartitioner();
    return (args) => {
      const chosen = partition(args);
      placed.set(args.message, chosen);
      return chosen;
    };
  };
}

/**
 * A record counts as written only if the response names its partition: a send to a partition that is not
 * known resolves to an empty list.
 */
function positionsOf(
  records: readonly NewRecord[],
  messages: readonly Message[],
  placed: WeakMap<Message, number>,
  landed: readonly RecordMetadata[],
): RecordPosition[] {
  const next = new Map<string, number>();
  for (const { topicName, partition, errorCode, baseOffset } of landed) {
    if (errorCode === 0 && baseOffset !== undefined)
      next.set(`${topicName}/${partition}`, Number(baseOffset));
  }
  return records.map((record, i) => {
    const message = messages[i];
    const partition = message && placed.get(message);
    const key = `${record.topic}/${partition}`;
    const offset = next.get(key);
    if (partition === undefined || offset === undefined) {
      throw new KafkaWriteError(`Kafka's answer does not name ${key}: not known to be written`);
    }
    next.set(key, offset + 1);
    return { topic: record.topic, partition, offset };
  });
}
