import { before, suite } from 'node:test';
import type { Kafka } from '@whatsapp-stream/kafka';
import { useStack } from '../../support/stack.ts';
import { adminContract } from './admin.ts';
import { connectionContract } from './connection.ts';
import { consumerContract } from './consumer.ts';
import { endingContract } from './ending.ts';
import { gapContract } from './gaps.ts';
import { leaseContract } from './lease.ts';
import { membershipContract } from './membership.ts';
import { producerContract } from './producer.ts';
import { rangeContract } from './range.ts';
import { readerContract } from './reader.ts';
import { readerLifeContract } from './reader-life.ts';
import { sharingContract } from './sharing.ts';
import { createWorld, type World } from './world.ts';

export interface ContractKafkaOptions {
  readonly brokers: readonly string[];
  /** The tests that add partitions to a topic wait as long as this. */
  readonly metadataMaxAgeMs: number;
}

/** The tests mostly wait for the broker: for members to join, leave and be noticed. */
const CONCURRENCY = 6;
const TEST_TIMEOUT_MS = 60_000;

/**
 * What every adapter of the Kafka port promises (packages/kafka/src/port.ts). Doubled: nothing. Observed: what
 * the adapter returns and tells, and what a client of another make finds on the same broker.
 */
export function kafkaContract(name: string, createKafka: (options: ContractKafkaOptions) => Kafka): void {
  suite(`the Kafka port over ${name}`, { concurrency: CONCURRENCY, timeout: TEST_TIMEOUT_MS }, () => {
    let world: World | undefined;
    before(async () => {
      const { brokers } = await useStack();
      world = createWorld(brokers.split(','), createKafka);
    });
    const inWorld = (): World => {
      if (!world) throw new Error('the stack has not started');
      return world;
    };
    connectionContract(inWorld);
    adminContract(inWorld);
    producerContract(inWorld);
    consumerContract(inWorld);
    endingContract(inWorld);
    membershipContract(inWorld);
    leaseContract(inWorld);
    sharingContract(inWorld);
    gapContract(inWorld);
    rangeContract(inWorld);
    readerContract(inWorld);
    readerLifeContract(inWorld);
  });
}
