import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { connectAdmin } from './admin.ts';
import { KafkaJs, logLevel } from './client-library.ts';
import { registerCompressionCodecs } from './compression.ts';
import { createExclusiveConsumer } from './exclusive-consumer.ts';
import { type KafkaLog, kafkaJsLogCreator } from './kafkajs-log.ts';
import { keepCommitsWhenOutOfRange } from './offset-reset.ts';
import { tryAgainAfterLockTimeouts, tryAgainWhereNotConnected } from './passing-errors.ts';
import { type Kafka, KafkaUnavailableError } from './port.ts';
import { writeRequestsAtOnce } from './produce-request.ts';
import { connectProducer } from './producer.ts';
import { readRange } from './range/read-range.ts';
import { readRecordsDirectly } from './record-reading.ts';
import { checkRequestTimeoutsOnceASecond, stopIdleRequestQueueTimers } from './request-queue.ts';
import { createSharedConsumer } from './shared-consumer.ts';
import { createSocketFactory } from './sockets.ts';
import { readTopic } from './topic-reader.ts';
import { keepMomentsWhenWallClockIsSet } from './wall-clock.ts';

export interface KafkaOptions {
  readonly brokers: readonly string[];
  /** Shown in the brokers' logs and quotas. */
  readonly clientId: string;
  readonly ssl?: boolean;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** After at most this time, and one fetch of up to 2 s, a partition that a topic has gained is read. */
  readonly metadataMaxAgeMs?: number;
  readonly log: KafkaLog;
}

const METADATA_MAX_AGE_MS = 30_000;
const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 15_000;
const PING_RETRY_MS = 50;
const PING_TIMEOUT_MS = 3_000;
/** kafkajs' pauses double, up to 30 s: so long after a broker is back nothing would be read. */
const MAX_RETRY_PAUSE_MS = 2_000;

stopIdleRequestQueueTimers();
checkRequestTimeoutsOnceASecond();
keepMomentsWhenWallClockIsSet();
keepCommitsWhenOutOfRange();
tryAgainAfterLockTimeouts();
tryAgainWhereNotConnected();
registerCompressionCodecs();
writeRequestsAtOnce();
readRecordsDirectly();

/** The way to a cluster; nothing is connected before it is asked for. */
export function createKafka(options: KafkaOptions): Kafka {
  const { log, metadataMaxAgeMs = METADATA_MAX_AGE_MS } = options;
  const settings = {
    brokers: [...options.brokers],
    clientId: options.clientId,
    ssl: options.ssl ?? false,
    ...(options.sasl ? { sasl: options.sasl as SASLOptions } : {}),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: { maxRetryTime: MAX_RETRY_PAUSE_MS },
    logLevel: logLevel.INFO,
    logCreator: kafkaJsLogCreator(log),
    socketFactory: createSocketFactory(),
  };
  const kafka = new KafkaJs(settings);
  const context = { kafka, log, metadataMaxAgeMs };
  return {
    ping: () => ping(settings),
    producer: () => reached(options.brokers, connectProducer(kafka)),
    exclusiveConsumer: (consumerOptions, events) => createExclusiveConsumer(context, consumerOptions, events),
    sharedConsumer: (consumerOptions, events) => createSharedConsumer(context, consumerOptions, events),
    readTopic: (topic, from, events) => readTopic(context, topic, from, events),
    readRange: (topic, ranges, rangeOptions) =>
      readRange({ settings, logger: kafka.logger() }, topic, ranges, rangeOptions),
    admin: () => reached(options.brokers, connectAdmin(kafka)),
  };
}

async function reached<T>(brokers: readonly string[], connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (error) {
    throw new KafkaUnavailableError(brokers, error);
  }
}

/** A client of its own: the retries that a connection makes are set for a client as a whole. */
async function ping(settings: KafkaConfig & { readonly brokers: string[] }): Promise<void> {
  const client = new KafkaJs({
    ...settings,
    requestTimeout: PING_TIMEOUT_MS,
    // A connection is tried with one broker of the list at a time.
    retry: { retries: settings.brokers.length - 1, initialRetryTime: PING_RETRY_MS },
    // Whoever asks is told by the exception, and asks again and again.
    logLevel: logLevel.NOTHING,
  });
  const admin = client.admin();
  try {
    await admin.connect();
    await admin.listTopics();
  } catch (error) {
    throw new KafkaUnavailableError(settings.brokers, error);
  } finally {
    await admin.disconnect();
  }
}
