/** The sending half as it is wired. Kafka, the codecs and the call to Verihubs are doubled; the clock is moved by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Admin,
  type ExclusiveConsumer,
  type ExclusiveConsumerEvents,
  type Kafka,
  type KafkaRecord,
  KafkaWriteError,
  type TopicReaderEvents,
} from '@whatsapp-stream/kafka';
import {
  DEFAULT_TOPIC_NAMES,
  newSendRequest,
  newStatusEvent,
  newTemplate,
  type StatusEvent,
} from '@whatsapp-stream/schemas';
import { createLogger, readSettings, STOP_WITHIN_MS } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { Registry } from 'prom-client';
import { senderSettings } from './config.ts';
import type { CallResult } from './delivery/call.ts';
import { createSenderMetrics } from './metrics.ts';
import { createSending } from './sending.ts';

const LANE = 'whatsapp.send.otp';
const unused = () => assert.fail('sending does not use this');

function settings() {
  const result = readSettings(senderSettings, {
    KAFKA_BROKERS: 'none:1',
    SCHEMA_REGISTRY_URL: 'http://none',
    SEND_TOPICS: LANE,
    VERIHUBS_APP_ID: 'app',
    VERIHUBS_API_KEY: 'key',
    VERIHUBS_MAX_RPS: '50',
    PACE_GUARD_MS: '20',
    CALLBACK_BASE_URL: 'http://none',
    CALLBACK_SIGNING_KEYS: 'k1:0123456789abcdef0123456789abcdef',
  });
  assert.ok(result.ok);
  return result.values;
}

function records(count: number): KafkaRecord[] {
  return Array.from({ length: count }, (_, offset) => {
    const key = Buffer.from(`m-${offset}`);
    return { topic: LANE, partition: 0, offset, timestamp: 0, key, value: key, headers: {} };
  });
}

function setUp() {
  const clock = manualClock();
  const registry = new Registry();
  const calledAt: number[] = [];
  /** What the next calls are answered, before 201. */
  const answers: (CallResult | Promise<CallResult>)[] = [];
  /** When the group was left. */
  let leftAt: number | undefined;
  /** Topics that cannot be written. */
  const refused = new Set<string>();
  const readers = new Map<string, TopicReaderEvents>();
  let events: ExclusiveConsumerEvents | undefined;
  const consumer: ExclusiveConsumer = {
    start: async () => {},
    pause: () => {},
    resume: () => {},
    holdsLease: () => true,
    commit: async () => true,
    async stop() {
      leftAt = clock.monotonic();
    },
  };
  const empty = new Map([[0, { low: 0, high: 0 }]]);
  const admin: Admin = {
    createTopic: unused,
    addPartitions: unused,
    describeTopic: unused,
    brokerCount: unused,
    offsets: async () => empty,
    offsetsAt: async () => new Map([[0, 0]]),
    committed: async () => new Map(),
    close: async () => {},
  };
  const kafka: Kafka = {
    ping: unused,
    producer: unused,
    admin: async () => admin,
    async readTopic(topic, _from, told) {
      readers.set(topic, told);
      return { positions: () => new Map([[0, 0]]), close: async () => {} };
    },
    sharedConsumer: unused,
    readRange: unused,
    exclusiveConsumer(_options, told) {
      events = told;
      return consumer;
    },
  };
  const close = async () => {};
  const sending = createSending({
    config: settings(),
    secrets: {},
    kafka,
    metrics: createSenderMetrics(registry),
    clock,
    log: createLogger('sending-test', 'silent'),
    onFailed: (error) => assert.fail(error),
    producer: { send: unused, close },
    appender: {
      async append({ topic }) {
        if (refused.has(topic)) throw new KafkaWriteError('not authorized');
        return { topic: '', partition: 0, offset: 0 };
      },
      drained: close,
    },
    encoder: { schemaId: 1, encode: () => Buffer.alloc(0) },
    requestDecoder: {
      decode(bytes) {
        if (bytes === null) return { ok: false, code: 'EMPTY', text: 'it has no value' };
        const template = newTemplate({ name: 't', lang_code: 'id' });
        const value = newSendRequest({
          message_id: String(bytes).split('/')[0] ?? '',
          msisdn: '628001',
          requested_at: 0,
          template,
        });
        return { ok: true, value, schemaId: 1, unknownFields: false };
      },
    },
    statusDecoder: {
      decode: (bytes) => ({ ok: true, value: JSON.parse(String(bytes)), schemaId: 1, unknownFields: false }),
    },
    caller: {
      async post(_request, mayLeave) {
        if (!mayLeave()) return { kind: 'not-sent', cause: 'withdrawn', why: '' };
        calledAt.push(clock.monotonic());
        return (
          answers.shift() ?? {
            kind: 'answered',
            httpStatus: 201,
            body: '{"session_id":"s"}',
            retryAfter: null,
            tookMs: 1,
          }
        );
      },
      close,
    },
    lanes: new Map([[LANE, { lane: 'otp', laneIndex: 0 }]]),
    processId: 'p',
  });
  const activate = async (epoch: number) => {
    events?.epochEnded();
    events?.activated(epoch, [{ topic: LANE, partition: 0, committed: null, startsAt: 0 }]);
    await clock.advance(0);
  };
  /** Another replica, or a callback, wrote it to the status log. */
  const learn = (event: StatusEvent) =>
    readers.get('whatsapp.status')?.records([
      {
        ...{ topic: 'whatsapp.status', partition: 0, offset: 0, timestamp: 0, key: null, headers: {} },
        value: Buffer.from(JSON.stringify(event)),
      },
    ]);
  return {
    clock,
    registry,
    sending,
    calledAt,
    answers,
    refused,
    leftAt: () => leftAt,
    learn,
    activate,
    deliver: (of: KafkaRecord[]) => events?.records(1, of),
  };
}

test('after a take-over a window of the limit passes first; then no window holds more than the limit', async () => {
  const { clock, calledAt, activate, deliver } = setUp();
  await clock.advance(500);
  await activate(1);
  deliver(records(200));
  await clock.advance(10_000);
  assert.equal(calledAt.length, 200);
  assert.ok((calledAt[0] ?? 0) >= 500 + 1_020, `the first call came ${calledAt[0]}`);
  for (let i = 50; i < calledAt.length; i++) {
    assert.ok((calledAt[i] ?? 0) - (calledAt[i - 50] ?? 0) >= 1_020 - 1e-6, `call ${i}`);
  }
});

test('a term that follows another in the same process waits out a window too', async () => {
  const { clock, calledAt, activate, deliver } = setUp();
  await activate(1);
  deliver(records(10));
  await clock.advance(3_000);
  assert.equal(calledAt.length, 10);
  await activate(2);
  const began = clock.monotonic();
  deliver(records(20));
  await clock.advance(3_000);
  assert.equal(calledAt.length, 20);
  assert.ok((calledAt[10] ?? 0) >= began + 1_020);
});

const tooFast = (answer: Partial<Extract<CallResult, { kind: 'answered' }>> = {}): CallResult => ({
  ...{ kind: 'answered', httpStatus: 429, body: '{}', retryAfter: null, tookMs: 1 },
  ...answer,
});

/** Calls in the ten seconds after the window of the take-over, with work enough for more. */
async function callsInTenSeconds(before: (world: ReturnType<typeof setUp>) => void): Promise<number> {
  const world = setUp();
  await world.activate(1);
  await world.clock.advance(2_000);
  before(world);
  world.deliver(records(900));
  await world.clock.advance(10_000);
  return world.calledAt.length;
}

test('a 429, whoever met it, and a callback with status 8 slow all sending down at once', async () => {
  const event = { event_id: 'e', message_id: 'x', attempt: 1, attempt_id: '1.q' };
  const usual = await callsInTenSeconds(() => {});
  assert.ok(usual >= 480, `${usual} calls`);
  const heard = [
    newStatusEvent({ ...event, status: 'RETRYING', origin: 'SENDER', http_status: 429, occurred_at: 2_000 }),
    newStatusEvent({ ...event, status: 'REJECTED', origin: 'CALLBACK', occurred_at: 2_000 }),
  ];
  const slowed = [
    await callsInTenSeconds(({ answers }) => answers.push(tooFast())),
    await callsInTenSeconds(({ learn }) => learn(heard[0] ?? assert.fail())),
    await callsInTenSeconds(({ learn }) => learn(heard[1] ?? assert.fail())),
  ];
  for (const calls of slowed) assert.ok(calls > 400 && calls < usual * 0.985, `${slowed} of ${usual}`);
});

test('what was learnt long ago slows nothing down any more', async () => {
  const old = newStatusEvent({
    ...{ event_id: 'e', message_id: 'x', attempt: 1, attempt_id: '1.q', origin: 'SENDER', http_status: 429 },
    status: 'RETRYING',
    occurred_at: -24 * 3_600_000,
  });
  assert.equal(await callsInTenSeconds(({ learn }) => learn(old)), await callsInTenSeconds(() => {}));
});

test('while Verihubs asks to be left alone nothing is sent, and nothing is made up afterwards', async () => {
  const { clock, calledAt, answers, activate, deliver } = setUp();
  await activate(1);
  answers.push(tooFast({ retryAfter: '7' }));
  deliver(records(300));
  await clock.advance(20_000);
  const [first = 0, second = 0] = calledAt;
  assert.ok(second - first >= 7_000, `${second - first} ms`);
  for (let i = 51; i < calledAt.length; i++) {
    assert.ok((calledAt[i] ?? 0) - (calledAt[i - 50] ?? 0) >= 1_020 - 1e-6, `call ${i}`);
  }
});

test('a stop leaves the group before it is ended by force, also when a call takes longer than that', async () => {
  const { clock, sending, calledAt, answers, activate, deliver, leftAt } = setUp();
  answers.push(new Promise(() => {}));
  await activate(1);
  deliver(records(1));
  await clock.advance(3_000);
  assert.equal(calledAt.length, 1);
  const askedAt = clock.monotonic();
  const stopped = sending.stop();
  await clock.advance(STOP_WITHIN_MS);
  await stopped;
  assert.ok((leftAt() ?? Number.POSITIVE_INFINITY) < askedAt + STOP_WITHIN_MS);
});

test('of one message_id the first request is sent; a repeat with other content is counted, one with the same is not', async () => {
  const { clock, registry, calledAt, activate, deliver } = setUp();
  await activate(1);
  const [record] = records(1);
  assert.ok(record);
  const copies = ['m-0/one', 'm-0/one', 'm-0/other'].map((text, offset) => ({
    ...record,
    offset,
    value: Buffer.from(text),
  }));
  deliver(copies.slice(0, 2));
  await clock.advance(3_000);
  deliver(copies.slice(2));
  await clock.advance(3_000);
  assert.equal(calledAt.length, 1);
  const metric = await registry.getSingleMetric('sender_conflicting_messages_total')?.get();
  assert.deepEqual(
    metric?.values.map(({ value }) => value),
    [1],
  );
});

test('a dead letter that cannot be written keeps the next term from nothing', async () => {
  const { clock, sending, calledAt, refused, activate, deliver } = setUp();
  refused.add(DEFAULT_TOPIC_NAMES.deadLetter);
  await sending.start();
  await activate(1);
  const [garbage, sound] = records(2);
  assert.ok(garbage && sound);
  deliver([{ ...garbage, value: null }, sound]);
  await clock.advance(3_000);
  assert.equal(calledAt.length, 1);
  await activate(2);
  await clock.advance(3_000);
  deliver([{ ...garbage, value: null }, sound, { ...sound, offset: 2, value: Buffer.from('m-9') }]);
  await clock.advance(6 * 60_000);
  assert.deepEqual([calledAt.length, sending.stalls()], [2, []]);
});
