/** Doubled: the group and its log; the test is the broker. Observed: what handlers are given and what is committed. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Kafka, KafkaRecord, RecordPosition, SharedConsumerEvents } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  type MessageState,
  newStatusEvent,
  RegistryUnavailableError,
  SCHEMA_TEXTS,
  type SchemaRegistry,
  type Status,
  type StatusEvent,
} from '@whatsapp-stream/schemas';
import type { Delivery, RunEvents, RunStates, SubscriberOptions } from './port.ts';
import { createSubscriber } from './subscriber.ts';

const TOPIC = 'whatsapp.status';
const encoder = await createEncoder({ idOf: async () => 7 }, 'StatusEvent', 'any');
const unused = () => assert.fail('not expected to be called');

function record(partition: number, offset: number, fields: Partial<StatusEvent> = {}): KafkaRecord {
  const event = newStatusEvent({
    event_id: `${partition}/${offset}`,
    message_id: `m${partition}`,
    status: 'SENT',
    origin: 'CALLBACK',
    occurred_at: 0,
    ...fields,
  });
  return {
    topic: TOPIC,
    partition,
    offset,
    timestamp: 0,
    key: null,
    value: encoder.encode(event),
    headers: {},
  };
}

interface Given
  extends Partial<Pick<SubscriberOptions, 'where' | 'maxUnacknowledged' | 'onError' | 'onWaiting'>> {
  readonly history?: readonly KafkaRecord[];
  readonly schemaById?: SchemaRegistry['schemaById'];
  /** Called before a commit is made. */
  readonly commits?: () => Promise<unknown>;
}

/** A subscriber, and the broker's side of it. */
async function startGroup(t: TestContext, how: RunEvents | RunStates, given: Given = {}) {
  const { history = [], schemaById = async () => SCHEMA_TEXTS.StatusEvent, commits, ...options } = given;
  const committed: RecordPosition[] = [];
  const flow: string[] = [];
  let events: SharedConsumerEvents | undefined;
  let epoch = 0;
  const kafka: Kafka = {
    ping: unused,
    producer: unused,
    exclusiveConsumer: unused,
    readTopic: unused,
    async *readRange(_topic, ranges) {
      yield history.filter(({ partition, offset }) => {
        const range = ranges.get(partition);
        return range !== undefined && offset >= range.from && offset < range.to;
      });
    },
    sharedConsumer(_options, told) {
      events = told;
      return {
        start: async () => undefined,
        pause: ({ partition }) => void flow.push(`pause ${partition}`),
        resume: ({ partition }) => void flow.push(`resume ${partition}`),
        async commit(of, positions) {
          await commits?.();
          if (of === epoch) committed.push(...positions);
          return of === epoch;
        },
        stop: async () => void flow.push('left'),
      };
    },
    admin: async () => ({
      createTopic: unused,
      addPartitions: unused,
      committed: unused,
      brokerCount: unused,
      describeTopic: async () => ({ partitions: 2, replicationFactor: 1, config: {} }),
      offsets: async () => new Map([0, 1].map((partition) => [partition, { low: 0, high: 1_000 }])),
      offsetsAt: async () => new Map([0, 1].map((partition) => [partition, 0])),
      close: async () => undefined,
    }),
  };
  const registry: SchemaRegistry = {
    idOf: unused,
    register: unused,
    setCompatibility: unused,
    getCompatibility: unused,
    ping: unused,
    schemaById,
  };
  const subscriber = createSubscriber({
    kafka,
    registry,
    group: 'g',
    from: 'beginning',
    retry: { minMs: 1, maxMs: 1 },
    ...options,
  });
  const ended = subscriber.run(how);
  ended.catch(() => undefined);
  t.after(() => subscriber.close());
  const broker = () => events ?? assert.fail('it has not joined');
  return {
    subscriber,
    ended,
    committed,
    flow,
    broker,
    /** The group is shared anew: this member has these partitions, from these offsets on. */
    async assign(starts: Readonly<Record<number, number>>) {
      broker().epochEnded();
      epoch += 1;
      const assigned = Object.entries(starts).map(([partition, startsAt]) => ({
        topic: TOPIC,
        partition: Number(partition),
        committed: null,
        startsAt,
      }));
      broker().assigned(epoch, assigned);
      await settle();
    },
    async deliver(...records: readonly KafkaRecord[]) {
      broker().records(epoch, records);
      await settle();
    },
    ending: () => broker().ending(epoch),
  };
}

/** Everything that waits for nothing from outside has happened. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}

test('after a rebalance what was acknowledged and not committed is not handed over again, what was not is', async (t) => {
  const seen: string[] = [];
  const onEvent = ({ event_id }: StatusEvent, delivery: Delivery) => {
    seen.push(event_id);
    if (event_id !== '0/1') delivery.ack();
  };
  const group = await startGroup(t, { onEvent, acknowledge: 'on-ack' });
  await group.assign({ 0: 0, 1: 0 });
  await group.deliver(record(0, 0), record(0, 1), record(0, 2));
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0), record(0, 1), record(0, 2));
  assert.deepEqual(seen, ['0/0', '0/1', '0/2', '0/1']);
});

test('of a partition that another member had meanwhile nothing is remembered', async (t) => {
  const seen: string[] = [];
  const group = await startGroup(t, { onEvent: ({ event_id }) => void seen.push(event_id) });
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0));
  await group.assign({ 1: 0 });
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0));
  assert.deepEqual(seen, ['0/0', '0/0']);
});

test('a handler under way when its epoch ends is waited for: one partition has never two, and what it did counts', async (t) => {
  const release = Promise.withResolvers<void>();
  const seen: string[] = [];
  const signals: AbortSignal[] = [];
  const group = await startGroup(t, {
    async onEvent({ event_id }, { signal }) {
      seen.push(event_id);
      signals.push(signal);
      if (event_id === '0/0') await release.promise;
    },
  });
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0), record(0, 1));
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0), record(0, 1));
  assert.deepEqual(seen, ['0/0']);
  assert.equal(signals[0]?.aborted, true);
  release.resolve();
  await settle();
  assert.deepEqual(seen, ['0/0', '0/1']);
  await group.subscriber.close();
  assert.deepEqual(group.committed, [{ topic: TOPIC, partition: 0, offset: 2 }]);
});

test('before the group is shared anew the handler under way is waited for, what is done is committed, nothing is begun', async (t) => {
  const release = Promise.withResolvers<void>();
  const seen: string[] = [];
  const group = await startGroup(t, {
    async onEvent({ event_id }) {
      seen.push(event_id);
      await release.promise;
    },
  });
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0), record(0, 1));
  const ending = group.ending();
  await settle();
  assert.deepEqual(group.committed, []);
  release.resolve();
  await ending;
  assert.deepEqual(group.committed, [{ topic: TOPIC, partition: 0, offset: 1 }]);
  assert.deepEqual(seen, ['0/0']);
});

test('a partition is paused when too much of it is not acknowledged, and resumed at half; others flow', async (t) => {
  const held: Delivery[] = [];
  const onEvent = (_: StatusEvent, delivery: Delivery) => void held.push(delivery);
  const group = await startGroup(t, { onEvent, acknowledge: 'on-ack' }, { maxUnacknowledged: 4 });
  await group.assign({ 0: 0, 1: 0 });
  await group.deliver(record(0, 0), record(0, 1), record(0, 2));
  await group.deliver(record(1, 0));
  assert.deepEqual(group.flow, ['resume 0', 'resume 1']);
  await group.deliver(record(0, 3));
  assert.deepEqual(group.flow.slice(2), ['pause 0']);
  held[0]?.ack();
  assert.equal(group.flow.length, 3);
  held[2]?.ack();
  assert.deepEqual(group.flow.slice(3), ['resume 0']);
});

test('a handler that acknowledges and then throws is told, and not called again', async (t) => {
  const retries: (number | null)[] = [];
  const group = await startGroup(
    t,
    {
      onEvent(_, delivery) {
        delivery.ack();
        throw new Error('after all');
      },
    },
    { onError: (_, { retryInMs }) => void retries.push(retryInMs) },
  );
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0), record(0, 1));
  assert.deepEqual(retries, [null, null]);
  assert.equal(group.subscriber.stats().acknowledged, 2);
});

test('a registry that is away is waited for, and nothing is skipped', async (t) => {
  const seen: string[] = [];
  let isAway = true;
  const schemaById = async () => {
    if (isAway) throw new RegistryUnavailableError('away');
    return SCHEMA_TEXTS.StatusEvent;
  };
  const told = Promise.withResolvers<void>();
  const all = Promise.withResolvers<void>();
  const onWaiting = () => {
    isAway = false;
    told.resolve();
  };
  const onEvent = ({ event_id }: StatusEvent) => {
    seen.push(event_id);
    if (seen.length === 2) all.resolve();
  };
  const group = await startGroup(t, { onEvent }, { schemaById, onWaiting });
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0), record(0, 1));
  await told.promise;
  await all.promise;
  assert.deepEqual(seen, ['0/0', '0/1']);
  assert.equal(group.subscriber.stats().skipped, 0);
});

test('states start from the history before the first event, and are handed over again until they are acknowledged', async (t) => {
  const seen: string[] = [];
  const onState = ({ messageId, status }: MessageState) => void seen.push(`${messageId} ${status}`);
  const status = (partition: number, offset: number, of: Status) => record(partition, offset, { status: of });
  const group = await startGroup(
    t,
    { onState, acknowledge: 'on-ack' },
    { history: [status(0, 0, 'READ'), status(1, 0, 'SENT'), status(1, 1, 'READ')] },
  );
  await group.assign({ 0: 1, 1: 1 });
  await group.deliver(status(0, 1, 'DELIVERED'));
  await group.deliver(status(1, 1, 'READ'));
  assert.deepEqual(seen, ['m1 READ']);
  await group.assign({ 0: 2, 1: 1 });
  await group.deliver(status(1, 1, 'READ'));
  assert.deepEqual(seen, ['m1 READ', 'm1 READ']);
});

test('a consumer that ended for good, and a hook that throws, reject run', async (t) => {
  const gone = await startGroup(t, { onEvent: unused });
  await gone.assign({ 0: 0 });
  gone.broker().failed(new Error('ended for good'));
  await assert.rejects(gone.ended, /ended for good/);
  await gone.subscriber.close();
  assert.ok(gone.flow.includes('left'));

  const onError = () => {
    throw new Error('a fault of the hook');
  };
  const onEvent = () => {
    throw new Error('a fault of the handler');
  };
  const faulty = await startGroup(t, { onEvent }, { onError });
  await faulty.assign({ 0: 0 });
  await faulty.deliver(record(0, 0));
  await assert.rejects(faulty.ended, /a fault of the hook/);
  await faulty.subscriber.close();
  assert.ok(faulty.flow.includes('left'));
});

test('after close nothing is handed over, run resolves, and it cannot run again', async (t) => {
  const seen: string[] = [];
  const group = await startGroup(t, { onEvent: ({ event_id }) => void seen.push(event_id) });
  await group.assign({ 0: 0 });
  await group.subscriber.close();
  await group.deliver(record(0, 0));
  await group.ended;
  assert.deepEqual(seen, []);
  await assert.rejects(group.subscriber.run({ onEvent: unused }), /runs once/);
});

test('Kafka that does not answer holds up close for 5 s only', async (t) => {
  const asked = Promise.withResolvers<void>();
  const commits = () => {
    asked.resolve();
    return new Promise(() => undefined);
  };
  const group = await startGroup(t, { onEvent: () => undefined }, { commits });
  await group.assign({ 0: 0 });
  await group.deliver(record(0, 0));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const closed = group.subscriber.close();
  await asked.promise;
  t.mock.timers.tick(5_000);
  await closed;
  await group.ended;
});

test('what was taken out of a full memory makes room, also when it is not acknowledged yet', async (t) => {
  const seen: string[] = [];
  const onEvent = ({ event_id }: StatusEvent) => void seen.push(event_id);
  const group = await startGroup(t, { onEvent, acknowledge: 'on-ack' });
  await group.assign({ 0: 0 });
  const reason = 'x'.repeat(3 * 1024 * 1024);
  await group.deliver(record(0, 0, { reason }), record(0, 1, { reason }));
  assert.deepEqual(seen, ['0/0', '0/1']);
  assert.deepEqual(group.flow, ['resume 0', 'pause 0', 'resume 0']);
});

test('what another member has done while this one was away is part of the states', async (t) => {
  const seen: string[] = [];
  const onState = ({ messageId, status }: MessageState) => void seen.push(`${messageId} ${status}`);
  const status = (offset: number, of: Status) => record(0, offset, { status: of });
  const group = await startGroup(t, { onState }, { history: [status(0, 'SENT'), status(1, 'READ')] });
  await group.assign({ 0: 0 });
  await group.deliver(status(0, 'SENT'));
  // The membership was lost for a while, and came back with the same partition.
  await group.assign({ 0: 2 });
  await group.deliver(status(2, 'DELIVERED'));
  assert.deepEqual(seen, ['m0 SENT']);
});
