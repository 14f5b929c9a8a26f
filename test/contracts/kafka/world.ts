import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Kafka, KafkaRecord, RecordPosition } from '@whatsapp-stream/kafka';
import { type KafkaProxy, startKafkaProxy } from '../../support/kafka-proxy.ts';
import type { ContractKafkaOptions } from './contract.ts';
import { createForeignClient, type ForeignClient } from './foreign.ts';

const METADATA_MAX_AGE_MS = 1_000;
const WITHIN_MS = 20_000;

/** What the tests of the contract share: a broker, ways to it, and names that nobody else has. */
export interface World {
  readonly brokers: readonly string[];
  /** A client of its own: two members of a group live in two processes, and share nothing. */
  newKafka(brokers?: readonly string[]): Kafka;
  /** A way to the broker of the test's own, which the test can cut. */
  newWay(t: TestContext): Promise<KafkaProxy>;
  newTopic(partitions?: number, config?: Readonly<Record<string, string>>): Promise<string>;
  newName(): string;
  /** Writes records with the keys `0`, `1`, …, counted from `from`; the value is the key. */
  write(topic: string, count: number, from?: number): Promise<readonly RecordPosition[]>;
  readonly foreign: ForeignClient;
}

export function createWorld(
  brokers: readonly string[],
  createKafka: (options: ContractKafkaOptions) => Kafka,
): World {
  const newKafka = (at = brokers) => createKafka({ brokers: at, metadataMaxAgeMs: METADATA_MAX_AGE_MS });
  const newName = () => `contract-${randomBytes(6).toString('hex')}`;
  return {
    brokers,
    newKafka,
    newName,
    async newWay(t) {
      const way = await startKafkaProxy(brokers[0] ?? '');
      t.after(() => way.cut());
      return way;
    },
    foreign: createForeignClient(brokers),
    async newTopic(partitions = 1, config = {}) {
      const topic = newName();
      const admin = await newKafka().admin();
      await admin.createTopic({ topic, partitions, replicationFactor: 1, config });
      await admin.close();
      return topic;
    },
    async write(topic, count, from = 0) {
      const producer = await newKafka().producer();
      const keys = Array.from({ length: count }, (_, i) => String(from + i));
      const positions = await producer.send(keys.map((key) => ({ topic, key, value: Buffer.from(key) })));
      await producer.close();
      return positions;
    },
  };
}

/** Lets a test wait for what an adapter tells. */
export interface Watch {
  /** Something was told: whoever waits looks again. */
  look(): void;
  /** @throws with `what` when it does not hold in time */
  until(what: string, holds: () => boolean, withinMs?: number): Promise<void>;
}

export function createWatch(describe: () => unknown): Watch {
  const waiting = new Set<() => void>();
  return {
    look() {
      for (const one of waiting) one();
    },
    until(what, holds, withinMs = WITHIN_MS) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const one = () => holds() && resolve();
      const timer = setTimeout(
        () => reject(new Error(`not within ${withinMs} ms: ${what}; seen: ${JSON.stringify(describe())}`)),
        withinMs,
      );
      waiting.add(one);
      one();
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(one);
      });
    },
  };
}

export const keysOf = (records: readonly KafkaRecord[]): readonly string[] =>
  records.map(({ key }) => String(key));

export const numbers = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => String(from + i));

/** Gives the producer back closed after the test. */
export async function producerFor(t: TestContext, world: World) {
  const producer = await world.newKafka().producer();
  t.after(() => producer.close());
  return producer;
}

export async function adminFor(t: TestContext, world: World) {
  const admin = await world.newKafka().admin();
  t.after(() => admin.close());
  return admin;
}
