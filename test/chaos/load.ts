import { setTimeout as sleep } from 'node:timers/promises';
import { createPublisher, type Publisher } from '@whatsapp-stream/client';
import type { Kafka, NewRecord, Producer } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  laneOf,
  type SchemaRegistry,
  subjectOf,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import type { Letter, Traffic } from './traffic.ts';

/** What was written into the lanes, each acknowledged. */
export interface Published {
  /** Of records that are a `SendRequest`, valid or not. */
  readonly messageIds: ReadonlySet<string>;
  /** Of records that are none. */
  readonly garbageKeys: ReadonlySet<string>;
  readonly records: number;
  /** Of all lanes together, how many were written to. */
  readonly partitions: number;
}

/** A publishing domain that writes for as long as it is let, and never gives a record up. */
export interface Load {
  /** From now on it knows the topics' partitions as they are. */
  renew(): void;
  /** Writes nothing new; resolves when all that it had begun is acknowledged. */
  stop(): Promise<Published>;
}

export interface LoadOptions {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly names: TopicNames;
  readonly traffic: Traffic;
}

const WRITE_EVERY_MS = 200;
const STEP_MS = 200;
const AGAIN_AFTER_MS = 300;
const MAX_BATCH = 500;

interface Connection extends AsyncDisposable {
  readonly publisher: Publisher;
  readonly producer: Producer;
}

async function connect({ kafka, registry, names }: LoadOptions): Promise<Connection> {
  await using made = new AsyncDisposableStack();
  // Its clock is far behind: what expires while it is written again and again must be written all the same.
  const publisher = await createPublisher({ kafka, registry, topics: names, source: 'chaos', now: () => 0 });
  made.defer(() => publisher.close());
  const producer = await kafka.producer();
  made.defer(() => producer.close());
  const owned = made.move();
  return { publisher, producer, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What the publisher would refuse is written as it is. */
async function rawRecord(
  letter: Exclude<Letter, { kind: 'message' }>,
  { registry, names }: LoadOptions,
): Promise<NewRecord> {
  const topic = names.lanes.find((lane) => laneOf(lane) === letter.lane) ?? '';
  if (letter.kind === 'garbage') return { topic, key: letter.key, value: letter.value };
  const encoder = await createEncoder(registry, 'SendRequest', subjectOf(topic));
  return { topic, key: letter.request.message_id, value: encoder.encode(letter.request) };
}

export function startLoad(options: LoadOptions): Load {
  const messageIds = new Set<string>();
  const garbageKeys = new Set<string>();
  const partitions = new Set<string>();
  let records = 0;
  let waiting: Letter[] = [];
  let stopped = false;
  let stale = false;
  let connection: Connection | undefined;

  async function write(batch: readonly Letter[]): Promise<void> {
    if (stale) {
      await connection?.[Symbol.asyncDispose]();
      connection = undefined;
      stale = false;
    }
    connection ??= await connect(options);
    const messages = batch.flatMap((letter) => (letter.kind === 'message' ? [letter.message] : []));
    const others = batch.flatMap((letter) => (letter.kind === 'message' ? [] : [letter]));
    const receipts = await connection.publisher.sendMany(messages);
    await connection.producer.send(await Promise.all(others.map((letter) => rawRecord(letter, options))));
    for (const { topic, partition } of receipts) partitions.add(`${topic}/${partition}`);
    for (const letter of batch) {
      if (letter.kind === 'garbage') garbageKeys.add(letter.key);
      else messageIds.add(letter.kind === 'message' ? letter.message.messageId : letter.request.message_id);
    }
    records += batch.length;
  }

  /** A batch that is not known to be written is written again, under the same ids. */
  async function writeUntilAcknowledged(batch: readonly Letter[]): Promise<void> {
    for (;;) {
      try {
        return await write(batch);
      } catch {
        await sleep(AGAIN_AFTER_MS);
      }
    }
  }

  async function writeWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH);
      waiting = waiting.slice(MAX_BATCH);
      await writeUntilAcknowledged(batch);
    }
  }

  async function live(): Promise<void> {
    let writtenUpTo = performance.now();
    while (!stopped) {
      await sleep(WRITE_EVERY_MS);
      // Always in the same steps, however late a timer is: only so does a seed give the same messages again.
      for (; writtenUpTo + STEP_MS <= performance.now(); writtenUpTo += STEP_MS)
        waiting.push(...options.traffic.next(STEP_MS, Date.now()));
      await writeWaiting();
    }
    await connection?.[Symbol.asyncDispose]();
  }

  const over = live();
  return {
    renew() {
      stale = true;
    },
    async stop() {
      stopped = true;
      await over;
      return { messageIds, garbageKeys, records, partitions: partitions.size };
    },
  };
}
