import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import {
  createSubscriber,
  type RunEvents,
  type RunStates,
  type Subscriber,
  type SubscriberOptions,
} from '@whatsapp-stream/client';
import { createKafka, type KafkaOptions, withAdmin } from '@whatsapp-stream/kafka';
import {
  connectRegistry,
  createEncoder,
  newStatusEvent,
  SCHEMA_TEXTS,
  type StatusEvent,
  subjectOf,
} from '@whatsapp-stream/schemas';
import type { StackAddress } from './system.ts';

const none = () => undefined;
const log: KafkaOptions['log'] = { debug: none, info: none, warn: none, error: none };

/** A status topic, and what is written to it in the place of the services. */
export interface StatusLog {
  readonly topic: string;
  write(...events: readonly StatusEvent[]): Promise<void>;
  /** A record that is no event. */
  writeJunk(key: string): Promise<void>;
  committed(group: string): Promise<ReadonlyMap<number, number>>;
  /** Sum over its partitions of the offsets from the group's position to the end. */
  lag(group: string): Promise<number>;
}

export interface Running {
  readonly subscriber: Subscriber;
  /** As `run` gave it. */
  readonly ended: Promise<void>;
}

/** What a subscriber can be told beside where its cluster is. */
type Own = Omit<SubscriberOptions, 'kafka' | 'brokers' | 'registry' | 'topics' | 'from'>;

export async function subscriberWorld(stack: StackAddress) {
  const registry = connectRegistry({ url: stack.registryUrl });
  const newKafka = () => createKafka({ brokers: stack.brokers.split(','), clientId: 'test', log });
  const kafka = newKafka();
  const producer = await kafka.producer();

  async function newLog(partitions = 4): Promise<StatusLog> {
    const topic = `t${randomBytes(5).toString('hex')}.whatsapp.status`;
    const config = { 'message.timestamp.type': 'LogAppendTime' };
    await withAdmin(kafka, (admin) => admin.createTopic({ topic, partitions, replicationFactor: 1, config }));
    await registry.register(subjectOf(topic), SCHEMA_TEXTS.StatusEvent);
    const encoder = await createEncoder(registry, 'StatusEvent', subjectOf(topic));
    const committed = async (group: string) => {
      const of = await withAdmin(kafka, (admin) => admin.committed(group, [topic]));
      return new Map([...(of.get(topic) ?? [])].map(([partition, { offset }]) => [partition, offset]));
    };
    return {
      topic,
      async write(...events) {
        await producer.send(
          events.map((event) => ({
            topic,
            key: event.message_id ?? event.session_id,
            value: encoder.encode(event),
          })),
        );
      },
      async writeJunk(key) {
        await producer.send([{ topic, key, value: Buffer.from('{"nonsense":true}') }]);
      },
      committed,
      async lag(group) {
        const commits = await committed(group);
        const ranges = await withAdmin(kafka, (admin) => admin.offsets(topic));
        return [...ranges].reduce(
          (sum, [partition, { high }]) => sum + high - (commits.get(partition) ?? 0),
          0,
        );
      },
    };
  }

  return {
    newLog,
    newGroup: () => `group-${randomBytes(5).toString('hex')}`,
    /** Runs a subscriber, from the beginning unless told, that is closed after the test. */
    run(
      t: TestContext,
      { topic }: StatusLog,
      options: Own & Partial<Pick<SubscriberOptions, 'from'>>,
      how: RunEvents | RunStates,
    ): Running {
      const subscriber = createSubscriber({
        from: 'beginning',
        sessionTimeoutMs: 6_000,
        ...options,
        kafka: newKafka(),
        registry,
        topics: { status: topic },
      });
      const ended = subscriber.run(how);
      // Tests that expect an end look at it themselves.
      ended.catch(none);
      t.after(() => subscriber.close());
      return { subscriber, ended };
    },
    close: () => producer.close(),
  };
}

/** Events of messages `PREFIX-0`, `PREFIX-1`, …, one each. */
export function eventsOf(prefix: string, count: number): readonly StatusEvent[] {
  return Array.from({ length: count }, (_, i) => eventOf(`${prefix}-${i}`, 'SENT'));
}

/** One fact has one id: that of a message's status is made of both. */
export function eventOf(
  messageId: string | null,
  status: StatusEvent['status'],
  more: Partial<StatusEvent> = {},
): StatusEvent {
  return newStatusEvent({
    event_id: `${messageId ?? more.session_id}/${status}`,
    message_id: messageId,
    status,
    origin: 'CALLBACK',
    occurred_at: 1_700_000_000_000,
    attempt: 1,
    ...more,
  });
}
