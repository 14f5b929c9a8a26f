/**
 * Records that are no messages, and messages that cannot be sent: each ends where it should, and the next record
 * goes on. Everything is real but Verihubs.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KafkaRecord, TopicReader } from '@whatsapp-stream/kafka';
import { createEncoder, newSendRequest, newTemplate, subjectOf } from '@whatsapp-stream/schemas';
import { publishLate } from '../support/publish-late.ts';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';

const stack = await useStack();
let system: System;
let reader: TopicReader;
const deadLetters: KafkaRecord[] = [];
let onDeadLetter = () => {};
before(async () => {
  system = await startSystem(stack);
  await system.startSender();
  reader = await system.kafka.readTopic(system.names.deadLetter, 'beginning', {
    records(records) {
      deadLetters.push(...records);
      onDeadLetter();
    },
    failed: (error) => assert.fail(error),
  });
});
after(async () => {
  await reader?.close();
  await system?.stop();
});

const template = { name: 'otp_login', langCode: 'id', bodyParams: ['1'] };

function deadLetter(offset: number): Promise<KafkaRecord> {
  return new Promise((resolve) => {
    onDeadLetter = () => {
      const found = deadLetters.find(({ headers }) => headers['dlq_offset'] === String(offset));
      if (found) resolve(found);
    };
    onDeadLetter();
  });
}

test('what is no Avro goes to the dead letters with its bytes, place and reason, and the next record goes on', async () => {
  const producer = await system.kafka.producer();
  const [topic] = system.names.lanes;
  assert.ok(topic);
  const poison: [Buffer | null, string][] = [
    [Buffer.from('hello'), 'NOT_CONFLUENT'],
    [null, 'EMPTY'],
    [Buffer.from([0, 0, 0]), 'NOT_CONFLUENT'],
    [Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2]), 'UNKNOWN_SCHEMA'],
  ];
  for (const [value, reason] of poison) {
    const [at] = await producer.send([{ topic, key: 'poison', value, headers: { traceparent: 'tp' } }]);
    assert.ok(at);
    const letter = await deadLetter(at.offset);
    assert.deepEqual(letter.value, value);
    assert.equal(letter.key?.toString(), 'poison');
    const { dlq_topic, dlq_partition, dlq_offset, dlq_reason, dlq_reason_text, dlq_timestamp } =
      letter.headers;
    assert.deepEqual(
      [dlq_topic, dlq_partition, dlq_offset],
      [topic, String(at.partition), String(at.offset)],
    );
    assert.equal(dlq_reason, reason);
    assert.ok(dlq_reason_text && Number(dlq_timestamp) > 0);
  }
  await system.publisher.send({ lane: 'otp', messageId: 'poison', msisdn: '628001', template });
  await system.until((events) =>
    events.some(({ message_id, status }) => message_id === 'poison' && status === 'READ'),
  );
  await producer.close();
});

test('an invalid request ends REFUSED with every reason and without the number', async () => {
  const [topic] = system.names.lanes;
  assert.ok(topic);
  const encoder = await createEncoder(system.registry, 'SendRequest', subjectOf(topic));
  const producer = await system.kafka.producer();
  const template = newTemplate({ name: 'otp_login', lang_code: 'id' });
  const invalid = [
    newSendRequest({ message_id: 'i-1', msisdn: '+6281234567890', template, requested_at: 1 }),
    newSendRequest({ message_id: 'i-2', msisdn: '081234567890', template, requested_at: 1 }),
    newSendRequest({ message_id: 'i-3', msisdn: '6281234567890', requested_at: 1 }),
    newSendRequest({
      message_id: 'i-4',
      msisdn: '6281234567890',
      template: { ...template, name: '' },
      requested_at: 1,
    }),
  ];
  await producer.send(
    invalid.map((request) => ({ topic, key: request.message_id, value: encoder.encode(request) })),
  );
  const refused = () => system.events.filter(({ status }) => status === 'REFUSED');
  await system.until(() => refused().length >= invalid.length);
  assert.deepEqual(
    refused()
      .map((event) => [event.message_id, event.attempt, event.charged])
      .toSorted(),
    invalid.map(({ message_id }) => [message_id, 0, false]),
  );
  for (const { reason } of refused()) {
    assert.match(reason ?? '', /msisdn|template/);
    assert.doesNotMatch(reason ?? '', /81234567890/);
  }
  await producer.close();
});

test('a message that has expired ends EXPIRED and tells how late it is', async () => {
  const requestedAt = Date.now() - 6_000;
  const times = { requestedAt, expiresAt: requestedAt + 1_000 };
  await publishLate(system, { lane: 'otp', messageId: 'late', msisdn: '628001', template, ...times });
  await system.until((events) => events.some(({ message_id }) => message_id === 'late'));
  const event = system.events.find(({ message_id }) => message_id === 'late');
  assert.deepEqual([event?.status, event?.attempt, event?.attempt_id], ['EXPIRED', 0, null]);
  assert.match(event?.reason ?? '', /^\d{4,} ms after expires_at/);
});

test('a message that asks to expire before it was asked for ends EXPIRED, and is told so', async () => {
  const requestedAt = Date.now() - 1_000;
  const times = { requestedAt, expiresAt: requestedAt - 1 };
  await publishLate(system, { lane: 'otp', messageId: 'never', msisdn: '628001', template, ...times });
  await system.until((events) => events.some(({ message_id }) => message_id === 'never'));
  const event = system.events.find(({ message_id }) => message_id === 'never');
  assert.equal(event?.status, 'EXPIRED');
  assert.match(event?.reason ?? '', /^\d{4} ms after expires_at, which lies before requested_at$/);
});

test('a message_id that is published again is not sent again', async () => {
  const takenBefore = system.verihubs.control.stats().taken;
  const message = { lane: 'transactional', messageId: 'twice', msisdn: '628001', template };
  await system.publisher.sendMany([message, message]);
  await system.publisher.send({ ...message, lane: 'otp' });
  await system.publisher.send({ ...message, messageId: 'after-twice' });
  await system.until((events) =>
    ['twice', 'after-twice'].every((id) => events.some((e) => e.message_id === id && e.status === 'READ')),
  );
  assert.equal(system.verihubs.control.stats().taken, takenBefore + 2);
});

test('what the request brings along is on its status events', async () => {
  const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  const metadata = { order: 'A-1' };
  await system.publisher.send({
    lane: 'marketing',
    messageId: 'brought',
    msisdn: '628001',
    template,
    metadata,
    trace,
  });
  await system.until((events) =>
    events.some(({ message_id, status }) => message_id === 'brought' && status === 'READ'),
  );
  const events = system.events.filter(({ message_id }) => message_id === 'brought');
  const accepted = events.find(({ status }) => status === 'ACCEPTED');
  assert.deepEqual(
    [accepted?.lane, accepted?.source, accepted?.template_name, accepted?.metadata, accepted?.http_status],
    ['marketing', 'test', 'otp_login', metadata, 201],
  );
  const read = events.find(({ status }) => status === 'READ');
  assert.deepEqual(
    [read?.origin, read?.provider_code, read?.attempt, read?.verified],
    ['CALLBACK', 3, 1, true],
  );
  assert.equal(read?.attempt_id, accepted?.attempt_id);
  assert.equal(read?.session_id, accepted?.session_id);
});
