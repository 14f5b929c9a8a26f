import { randomUUID } from 'node:crypto';
import { inBatches, type Kafka, type NewRecord, type RecordPosition } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  DEFAULT_TOPIC_NAMES,
  type Encoder,
  type SchemaRegistry,
  type SendRequest,
  subjectOf,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import { InvalidSendRequestError } from './errors.ts';
import { faultsOfMessage, type NewMessage, requestOf, topicOfLane } from './message.ts';

/** Where a message lies in the log. */
export interface Receipt extends RecordPosition {
  readonly messageId: string;
}

export interface Publisher {
  /**
   * Publishes one message; resolves when all in-sync replicas have it.
   * @throws InvalidSendRequestError with every fault; nothing was published
   * @throws KafkaWriteError when it is not known whether the message is in the log. To repeat it without the
   *   risk of sending twice, give it a `message_id` of your own and use the same again
   * @throws SchemaNotFoundError or RegistryUnavailableError before anything was published
   */
  send(message: NewMessage): Promise<Receipt>;
  /**
   * Publishes many. All are checked first: when any is invalid, nothing is published.
   * @returns a receipt for each message, in the order given
   * @throws as `send`; with a KafkaWriteError some of the messages may be in the log
   */
  sendMany(messages: readonly NewMessage[]): Promise<readonly Receipt[]>;
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly topics?: TopicNames;
  /** The publishing domain, for messages that name none. */
  readonly source: string;
  /** Wall-clock time in ms since the epoch. */
  readonly now?: () => number;
}

/** Half of what a broker takes in one batch by default, so that a batch of any lane fits. */
const MAX_BATCH_BYTES = 512 * 1024;

/**
 * Publishes send requests to the lanes.
 * @throws when Kafka cannot be reached
 */
export async function createPublisher(options: PublisherOptions): Promise<Publisher> {
  const { kafka, registry, source, topics = DEFAULT_TOPIC_NAMES, now = Date.now } = options;
  const encoderOf = createEncoders(registry);
  const producer = await kafka.producer();

  async function recordOf(message: NewMessage): Promise<NewRecord & { readonly key: string }> {
    const topic = topicOfLane(message.lane, topics.lanes);
    if (topic === undefined) throw new InvalidSendRequestError(faultsOfMessage(message, topics.lanes));
    const request = requestOf(message, { messageId: randomUUID(), nowMs: now(), source });
    const encoder = await encoderOf(topic);
    return {
      topic,
      key: request.message_id,
      value: encoder.encode(request),
      headers: {
        traceparent: message.trace?.traceparent,
        tracestate: message.trace?.tracestate,
        baggage: message.trace?.baggage,
      },
    };
  }

  async function publish(messages: readonly NewMessage[]): Promise<readonly Receipt[]> {
    const records = await Promise.all(messages.map(recordOf));
    const receipts: Receipt[] = [];
    for (const batch of inBatches(records, MAX_BATCH_BYTES)) {
      const positions = await producer.send(batch);
      for (const [i, { key }] of batch.entries()) {
        const position = positions[i];
        if (position) receipts.push({ messageId: key, ...position });
      }
    }
    return receipts;
  }

  return {
    async send(message) {
      const faults = faultsOfMessage(message, topics.lanes);
      if (faults.length > 0) throw new InvalidSendRequestError(faults);
      const [receipt] = await publish([message]);
      if (receipt === undefined) throw new Error('Kafka acknowledged a message without telling where it is');
      return receipt;
    },
    async sendMany(messages) {
      const faults = messages.flatMap((message, i) =>
        faultsOfMessage(message, topics.lanes).map((fault) => `message ${i + 1}: ${fault}`),
      );
      if (faults.length > 0) throw new InvalidSendRequestError(faults);
      return publish(messages);
    },
    close: () => producer.close(),
  };
}

/** An encoder for each lane, made when the lane is first used; what failed is tried again. */
function createEncoders(registry: SchemaRegistry): (topic: string) => Promise<Encoder<SendRequest>> {
  const encoders = new Map<string, Promise<Encoder<SendRequest>>>();
  return (topic) => {
    const known = encoders.get(topic);
    if (known) return known;
    const made = createEncoder(registry, 'SendRequest', subjectOf(topic));
    encoders.set(topic, made);
    made.catch(() => encoders.delete(topic));
    return made;
  };
}
