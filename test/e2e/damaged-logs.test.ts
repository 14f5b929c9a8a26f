/**
 * Logs that are not as they were written: records that retention has deleted, and a status log with what is none of
 * ours in it. Kafka, registry and services are real; Verihubs is simulated. Observed: the sender's metrics and log
 * lines, and that it goes on.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import {
  createEncoder,
  newSendRequest,
  newStatusEvent,
  senderEventId,
  subjectOf,
} from '@whatsapp-stream/schemas';
import { senderSettings, startSender } from '@whatsapp-stream/sender';
import { createLogger } from '@whatsapp-stream/service-kit';
import { createForeignClient } from '../contracts/kafka/foreign.ts';
import { messages } from '../support/messages.ts';
import { useStack } from '../support/stack.ts';
import { type System, settingsFrom, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';

const stack = await useStack();
let system: System;
before(async () => {
  system = await startSystem(stack, {
    env: { VERIHUBS_MAX_RPS: '200' },
    verihubs: { limit: { maxRequestsPerSecond: 1_000 } },
  });
});
after(() => system?.stop());

const ended = (id: string | undefined) =>
  system.events.some((e) => e.message_id === id && e.status === 'ACCEPTED');

/** A sender whose metrics and log lines can be read. */
async function startSpeaking(t: TestContext) {
  const lines: string[] = [];
  const log = createLogger('test', 'error', { write: (line) => void lines.push(line) });
  const sender = await startSender({ config: settingsFrom(senderSettings, system.env), log });
  t.after(() => sender.stop());
  return {
    lines,
    stop: () => sender.stop(),
    /** The value of a counter with exactly this label beside the service's; 0 when it was never counted. */
    async counted(name: string, label: string): Promise<number> {
      const text = await (await fetch(`http://127.0.0.1:${sender.adminPort}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(label));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
  };
}

test('records that were deleted behind the commit are counted and told, and what is left is sent', async (t) => {
  const first = await startSpeaking(t);
  const before = messages('before', 30, { lane: 'otp' });
  await system.publisher.sendMany(before);
  await system.until(() => before.every(({ messageId }) => ended(messageId)));
  await first.stop();

  const published = await system.publisher.sendMany(messages('after', 30, { lane: 'otp' }));
  const inFirst = published.filter(({ partition }) => partition === 0);
  const [topic = ''] = system.names.lanes;
  const kept = inFirst.at(-1);
  assert.ok(kept && inFirst.length > 1);
  await createForeignClient(stack.brokers.split(',')).deleteBefore(topic, kept.offset);

  const second = await startSpeaking(t);
  const left = published.filter((receipt) => receipt.partition !== 0 || receipt === kept);
  await system.until(() => left.every(({ messageId }) => ended(messageId)));
  assert.equal(await second.counted('sender_lost_offsets_total', `topic="${topic}"`), inFirst.length - 1);
  const told = second.lines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => /deleted by retention/.test(msg));
  assert.deepEqual(
    told.map(({ level, partition, from, to }) => ({ level, partition, from, to })),
    [{ level: 'error', partition: 0, from: inFirst[0]?.offset, to: kept.offset }],
  );
});

test('what is no status event is skipped and counted, at the take-over and later, and the fold goes on', async (t) => {
  const { status } = system.names;
  const events = await createEncoder(system.registry, 'StatusEvent', subjectOf(status));
  const requests = await createEncoder(
    system.registry,
    'SendRequest',
    subjectOf(system.names.lanes[0] ?? ''),
  );
  const producer = await system.kafka.producer();
  t.after(() => producer.close());
  const request = newSendRequest({ message_id: 'x', msisdn: '628001', requested_at: 1 });
  const foreign: Record<string, Buffer | null> = {
    EMPTY: null,
    NOT_CONFLUENT: Buffer.from('hello'),
    UNKNOWN_SCHEMA: Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2]),
    INCOMPATIBLE_SCHEMA: requests.encode(request),
    UNDECODABLE: Buffer.concat([events.encode(accepted('x')).subarray(0, 5), Buffer.from([0xff])]),
  };
  /** Under the key of a message, so that they lie before what is told of it. */
  const writeForeign = (key: string) =>
    producer.send(Object.values(foreign).map((value) => ({ topic: status, key, value })));
  const tell = (key: string) => producer.send([{ topic: status, key, value: events.encode(accepted(key)) }]);
  const allCounted = (times: number) => async () => {
    const counts = Object.keys(foreign).map((code) =>
      sender.counted('sender_skipped_status_records_total', `reason="${code}"`),
    );
    return (await Promise.all(counts)).every((count) => count === times);
  };

  const isKnown = (times: number) => async () =>
    (await sender.counted('sender_known_messages_total', 'lane="otp"')) === times;
  const [before, later, fresh] = messages('s', 3, { lane: 'otp' });
  assert.ok(before && later && fresh);
  await writeForeign('settled-before');
  await tell('settled-before');
  await system.publisher.send({ ...before, messageId: 'settled-before' });
  const { requests: callsBefore } = system.verihubs.control.stats();
  const sender = await startSpeaking(t);
  await until('each kind is counted', allCounted(1));
  await until('the message is known', isKnown(1));
  await writeForeign('settled-later');
  await tell('settled-later');
  await until('each kind is counted again', allCounted(2));
  await system.publisher.sendMany([{ ...later, messageId: 'settled-later' }, fresh]);
  await system.until(() => ended(fresh.messageId));
  await until('the other is known', isKnown(2));
  assert.equal(system.verihubs.control.stats().requests, callsBefore + 1);
});

function accepted(messageId: string) {
  const attemptId = '1.x';
  return newStatusEvent({
    event_id: senderEventId({ messageId, attemptId, status: 'ACCEPTED' }),
    message_id: messageId,
    status: 'ACCEPTED',
    origin: 'SENDER',
    attempt: 1,
    attempt_id: attemptId,
    occurred_at: Date.now(),
  });
}
