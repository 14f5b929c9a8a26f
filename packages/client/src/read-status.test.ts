import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kafka, KafkaRecord, TopicReaderEvents } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  newStatusEvent,
  RegistryUnavailableError,
  SCHEMA_TEXTS,
  type SchemaRegistry,
} from '@whatsapp-stream/schemas';
import { TopicNotFoundError } from './errors.ts';
import { readStatus } from './read-status.ts';

const TOPIC = 'whatsapp.status';
const encoder = await createEncoder({ idOf: async () => 7 }, 'StatusEvent', 'any');
const unused = () => assert.fail('not expected to be called');

function record(offset: number, value?: Buffer): KafkaRecord {
  const event = newStatusEvent({
    event_id: `e-${offset}`,
    status: 'SENT',
    origin: 'CALLBACK',
    occurred_at: 0,
  });
  return {
    topic: TOPIC,
    partition: 0,
    offset,
    timestamp: 0,
    key: null,
    value: value ?? encoder.encode(event),
    headers: {},
  };
}

/** A topic of one partition, doubled: `deliver` is the broker's part. */
function topicOf(high: number, exists = true) {
  let events: TopicReaderEvents | undefined;
  let next = 0;
  const kafka: Kafka = {
    ping: unused,
    producer: unused,
    exclusiveConsumer: unused,
    sharedConsumer: unused,
    readRange: unused,
    readTopic: async (_topic, _from, given) => {
      events = given;
      return { positions: () => new Map([[0, next]]), close: async () => undefined };
    },
    admin: async () => ({
      createTopic: unused,
      addPartitions: unused,
      offsetsAt: unused,
      committed: unused,
      brokerCount: unused,
      describeTopic: async () => (exists ? { partitions: 1, replicationFactor: 1, config: {} } : null),
      offsets: async () => new Map([[0, { low: 0, high }]]),
      close: async () => undefined,
    }),
  };
  return {
    kafka,
    deliver(...records: readonly KafkaRecord[]) {
      next = (records.at(-1)?.offset ?? 0) + 1;
      events?.records(records);
    },
    fail: (error: Error) => events?.failed(error),
  };
}

function registryWith(schemaById: SchemaRegistry['schemaById']): SchemaRegistry {
  return {
    idOf: unused,
    register: unused,
    setCompatibility: unused,
    getCompatibility: unused,
    ping: unused,
    schemaById,
  };
}

const registry = registryWith(async () => SCHEMA_TEXTS.StatusEvent);

test('events come in order, what cannot be read is told apart, and the end is known', async () => {
  const topic = topicOf(3);
  const seen: string[] = [];
  const reading = await readStatus({
    kafka: topic.kafka,
    registry,
    topic: TOPIC,
    from: 'beginning',
    onEvent: (event) => seen.push(event.event_id),
    onSkipped: ({ code, record: { offset } }) => seen.push(`${code} ${offset}`),
  });
  const caughtUp = reading.caughtUp();
  topic.deliver(record(0));
  topic.deliver(record(1, Buffer.from('nonsense')), record(2));
  await caughtUp;
  assert.deepEqual(seen, ['e-0', 'NOT_CONFLUENT 1', 'e-2']);
  assert.equal(reading.skipped(), 1);
  await reading.close();
});

test('a registry that does not answer is waited for, and nothing is lost or overtaken', async () => {
  const topic = topicOf(2);
  const seen: string[] = [];
  let answers = false;
  const reading = await readStatus({
    kafka: topic.kafka,
    registry: registryWith(async () => {
      if (!answers) throw new RegistryUnavailableError('away');
      return SCHEMA_TEXTS.StatusEvent;
    }),
    topic: TOPIC,
    from: 'beginning',
    onEvent: (event) => seen.push(event.event_id),
    onWaiting: (error) => {
      seen.push(error.message);
      answers = true;
    },
  });
  topic.deliver(record(0));
  topic.deliver(record(1));
  await reading.caughtUp();
  assert.deepEqual(seen, ['away', 'e-0', 'e-1']);
  await reading.close();
});

test('a reader that failed, and an error of the caller, end the reading', async () => {
  for (const [why, act] of [
    ['broker gone', (topic: ReturnType<typeof topicOf>) => topic.fail(new Error('broker gone'))],
    ['thrown by the caller', (topic: ReturnType<typeof topicOf>) => topic.deliver(record(0))],
  ] as const) {
    const topic = topicOf(9);
    const reading = await readStatus({
      kafka: topic.kafka,
      registry,
      topic: TOPIC,
      from: 'beginning',
      onEvent: () => {
        throw new Error('thrown by the caller');
      },
    });
    act(topic);
    await assert.rejects(reading.caughtUp(), { message: why });
    await assert.rejects(reading.failed, { message: why });
    await reading.close();
  }
});

test('who waits for the end hears of the close', async () => {
  const topic = topicOf(1);
  const reading = await readStatus({
    kafka: topic.kafka,
    registry,
    topic: TOPIC,
    from: 'end',
    onEvent: unused,
  });
  const caughtUp = reading.caughtUp();
  await Promise.all([assert.rejects(caughtUp, /was closed/), reading.close()]);
});

test('a topic that does not exist is told with what to do', async () => {
  const { kafka } = topicOf(0, false);
  await assert.rejects(
    readStatus({ kafka, registry, topic: TOPIC, from: 'end', onEvent: unused }),
    (error) => error instanceof TopicNotFoundError && /npm run setup/.test(error.message),
  );
});
