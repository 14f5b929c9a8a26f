import { Kafka as KafkaJs, logLevel, type SASLOptions } from 'kafkajs';
import { connectAdmin } from './admin.ts';
import { registerCompressionCodecs } from './compression.ts';
import { createExclusiveConsumer } from './exclusive-consumer.ts';
import { type KafkaLog, kafkaJsLogCreator } from './kafkajs-log.ts';
import type { Kafka } from './port.ts';
import { connectProducer } from './producer.ts';
import { stopIdleRequestQueueTimers } from './request-queue.ts';
import { readTopic } from './topic-reader.ts';

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
  readonly log: KafkaLog;
}

const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 15_000;
const PING_RETRY = { retries: 0 };

stopIdleRequestQueueTimers();
registerCompressionCodecs();

/** The way to a cluster; nothing is connected before it is asked for. */
export function createKafka(options: KafkaOptions): Kafka {
  const { log } = options;
  const client = new KafkaJs({
    brokers: [...options.brokers],
    clientId: options.clientId,
    ssl: options.ssl ?? false,
    ...(options.sasl ? { sasl: options.sasl as SASLOptions } : {}),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    logLevel: logLevel.INFO,
    logCreator: kafkaJsLogCreator(log),
  });
  return {
    async ping() {
      const admin = client.admin({ retry: PING_RETRY });
      try {
        await admin.connect();
        await admin.listTopics();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`no answer from ${options.brokers.join(', ')}: ${why}`, { cause: error });
      } finally {
        await admin.disconnect();
      }
    },
    producer: () => connectProducer(client),
    exclusiveConsumer: (consumerOptions, events) =>
      createExclusiveConsumer(client, consumerOptions, events, log),
    readTopic: (topic, from, events) => readTopic(client, topic, from, events, log),
    admin: () => connectAdmin(client),
  };
}
