/** The sending half as it is wired. Kafka, the codecs and the call to Verihubs are doubled; the clock is moved by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Admin,
  ExclusiveConsumer,
  ExclusiveConsumerEvents,
  Kafka,
  KafkaRecord,
} from '@whatsapp-stream/kafka';
import { newSendRequest, newTemplate } from '@whatsapp-stream/schemas';
import { createLogger, readSettings } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { Registry } from 'prom-client';
import { senderSettings } from './config.ts';
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
  const calledAt: number[] = [];
  let events: ExclusiveConsumerEvents | undefined;
  const consumer: ExclusiveConsumer = {
    start: async () => {},
    pause: () => {},
    resume: () => {},
    holdsLease: () => true,
    commit: async () => true,
    stop: async () => {},
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
    readTopic: async () => ({ positions: () => new Map([[0, 0]]), close: async () => {} }),
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
    metrics: createSenderMetrics(new Registry()),
    clock,
    log: createLogger('sending-test', 'silent'),
    onFailed: (error) => assert.fail(error),
    producer: { send: unused, close },
    appender: { append: async () => ({ topic: '', partition: 0, offset: 0 }), drained: close },
    encoder: { schemaId: 1, encode: () => Buffer.alloc(0) },
    requestDecoder: {
      decode(bytes) {
        const template = newTemplate({ name: 't', lang_code: 'id' });
        const value = newSendRequest({
          message_id: String(bytes),
          msisdn: '628001',
          requested_at: 0,
          template,
        });
        return { ok: true, value, schemaId: 1, unknownFields: false };
      },
    },
    statusDecoder: { decode: unused },
    caller: {
      async post(_request, mayLeave) {
        if (!mayLeave()) return { kind: 'not-sent', cause: 'withdrawn', why: '' };
        calledAt.push(clock.monotonic());
        return { kind: 'answered', httpStatus: 201, body: '{"session_id":"s"}', retryAfter: null, tookMs: 1 };
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
  return { clock, sending, calledAt, activate, deliver: (of: KafkaRecord[]) => events?.records(1, of) };
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
