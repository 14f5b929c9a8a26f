import { randomUUID } from 'node:crypto';
import { inBatches, type NewRecord, type RecordPosition } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  type Encoder,
  type SchemaRegistry,
  type SendRequest,
  subjectOf,
} from '@whatsapp-stream/schemas';
import { type ActiveTrace, findActiveTrace } from './active-trace.ts';
import { digitsOf, faultsOfMessage, type MessageRules, topicOfLane } from './check-message.ts';
import { type ClusterOptions, clusterOf } from './cluster.ts';
import { InvalidSendRequestError } from './errors.ts';
import { type NewMessage, requestOf } from './message.ts';
import { isRegion, type Region } from './phone-number.ts';

/** Where a message lies in the log. */
export interface Receipt extends RecordPosition {
  readonly messageId: string;
}

export interface Publisher {
  /**
   * Publishes one message; resolves when all in-sync replicas have it.
   * @throws InvalidSendRequestError with every fault; nothing was published
   * @throws KafkaWriteError when it is not known whether the message is in the log: after some 6 to 15 s when brokers
   *   refuse, after some 2 minutes when they never answer. To repeat it is harmless under the same `messageId`: the
   *   sender sends a message once. Give it one of your own for that
   * @throws SchemaNotFoundError or RegistryUnavailableError before anything was published
   */
  send(message: NewMessage): Promise<Receipt>;
  /**
   * Publishes many. All are checked first: when any is invalid, nothing is published.
   * @returns a receipt for each message, in the order given
   * @throws as `send`; with a KafkaWriteError some of the messages may be in the log
   */
  sendMany(messages: readonly NewMessage[]): Promise<readonly Receipt[]>;
  /** Resolves when it is disconnected; what is under way may then fail. */
  close(): Promise<void>;
}

export type PublisherOptions = ClusterOptions & {
  /** The publishing domain, for messages that name none. */
  readonly source: string;
  /**
   * With it, numbers are read as people of this country write them (`0812…` with `ID`), or with `+`; without it they
   * must be E.164 digits.
   */
  readonly defaultRegion?: Region | undefined;
  /** Wall-clock time in ms since the epoch. */
  readonly now?: (() => number) | undefined;
};

/** Half of what a broker takes in one batch by default, so that a batch of any lane fits. */
const MAX_BATCH_BYTES = 512 * 1024;

/**
 * Publishes send requests to the lanes.
 * @throws TypeError when `source` or `defaultRegion` is none, or of the options that name the cluster
 * @throws KafkaUnavailableError
 */
export async function createPublisher(options: PublisherOptions): Promise<Publisher> {
  const { source, defaultRegion, now = Date.now } = options;
  if (typeof source !== 'string' || source === '')
    throw new TypeError('source must name the publishing domain');
  if (defaultRegion !== undefined && !isRegion(defaultRegion)) {
    throw new TypeError('defaultRegion must be the two letters of a country, like ID');
  }
  const { kafka, registry, topics } = clusterOf(options);
  const recordOf = createRecords(registry, source, await findActiveTrace());
  const producer = await kafka.producer();

  async function publish(messages: readonly NewMessage[], rules: MessageRules): Promise<readonly Receipt[]> {
    const records = await Promise.all(messages.map((message) => recordOf(message, rules)));
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

  const rulesNow = (): MessageRules => ({ lanes: topics.lanes, nowMs: now(), defaultRegion });

  return {
    async send(message) {
      const rules = rulesNow();
      const faults = faultsOfMessage(message, rules);
      if (faults.length > 0) throw new InvalidSendRequestError(faults);
      const [receipt] = await publish([message], rules);
      if (receipt === undefined) throw new Error('Kafka acknowledged a message without telling where it is');
      return receipt;
    },
    async sendMany(messages) {
      const rules = rulesNow();
      refuseInvalid(messages, rules);
      return publish(messages, rules);
    },
    close: () => producer.close(),
  };
}

function refuseInvalid(messages: readonly NewMessage[], rules: MessageRules): void {
  if (!Array.isArray(messages)) throw new InvalidSendRequestError(['messages must be an array'], []);
  // Not map, which passes over holes.
  const faulty = Array.from(messages, (message, i) => ({
    i,
    faults: faultsOfMessage(message, rules),
  })).filter(({ faults }) => faults.length > 0);
  if (faulty.length === 0) return;
  throw new InvalidSendRequestError(
    faulty.flatMap(({ i, faults }) => faults.map((fault) => `message ${i + 1}: ${fault}`)),
    faulty.map(({ i }) => i),
  );
}

/** Makes records of messages without faults. */
function createRecords(registry: SchemaRegistry, source: string, activeTrace: ActiveTrace) {
  const encoderOf = createEncoders(registry);
  return async (message: NewMessage, rules: MessageRules): Promise<NewRecord & { readonly key: string }> => {
    const { lane, trace = activeTrace() } = message;
    const { traceparent, tracestate, baggage } = trace;
    const request = requestOf(message, {
      messageId: randomUUID(),
      nowMs: rules.nowMs,
      source,
      msisdn: digitsOf(message, rules),
    });
    const topic = topicOfLane(lane, rules.lanes) ?? lane;
    const encoder = await encoderOf(topic);
    return {
      topic,
      key: request.message_id,
      value: encoder.encode(request),
      headers: { traceparent, tracestate, baggage },
    };
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
