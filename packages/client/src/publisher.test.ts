import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kafka, NewRecord } from '@whatsapp-stream/kafka';
import {
  createDecoder,
  SCHEMA_TEXTS,
  SchemaNotFoundError,
  type SchemaRegistry,
} from '@whatsapp-stream/schemas';
import { InvalidSendRequestError } from './errors.ts';
import type { NewMessage } from './message.ts';
import { createPublisher } from './publisher.ts';

const message: NewMessage = {
  lane: 'otp',
  msisdn: '628001',
  template: { name: 'otp_login', lang_code: 'id' },
};

/** Kafka and the registry are doubled; what reaches the producer is observed. */
function doubles() {
  const sent: NewRecord[][] = [];
  const unused = () => assert.fail('not expected to be called');
  const kafka: Kafka = {
    ping: unused,
    exclusiveConsumer: unused,
    readTopic: unused,
    admin: unused,
    producer: async () => ({
      send: async (records) => {
        sent.push([...records]);
        return records.map(({ topic }, offset) => ({ topic, partition: 3, offset }));
      },
      close: async () => undefined,
    }),
  };
  const asked: string[] = [];
  const registry: SchemaRegistry = {
    idOf: async (subject) => {
      asked.push(subject);
      return 7;
    },
    schemaById: async () => SCHEMA_TEXTS.SendRequest,
    register: unused,
    setCompatibility: unused,
    getCompatibility: unused,
    ping: unused,
  };
  return { kafka, registry, sent, asked };
}

async function decoded(record: NewRecord | undefined) {
  const decoder = createDecoder({ schemaById: async () => SCHEMA_TEXTS.SendRequest }, 'SendRequest');
  const result = await decoder.decode(record?.value ?? null);
  assert.ok(result.ok);
  return result.value;
}

test('what is not given is made: id, time, source and the defaults of the schema', async () => {
  const { kafka, registry, sent } = doubles();
  const publisher = await createPublisher({ kafka, registry, source: 'shop', now: () => 1_234 });
  const receipt = await publisher.send(message);
  assert.deepEqual(receipt, {
    messageId: receipt.messageId,
    topic: 'whatsapp.send.otp',
    partition: 3,
    offset: 0,
  });
  assert.match(receipt.messageId, /^[0-9a-f-]{36}$/);
  const record = sent[0]?.[0];
  assert.equal(record?.key, receipt.messageId);
  const request = await decoded(record);
  assert.equal(request.message_id, receipt.messageId);
  assert.equal(request.requested_at, 1_234);
  assert.equal(request.source, 'shop');
  assert.equal(request.on_doubt, 'LANE_DEFAULT');
  assert.equal(request.expires_at, null);
});

test('what is given is kept, and the trace goes into the headers', async () => {
  const { kafka, registry, sent } = doubles();
  const publisher = await createPublisher({ kafka, registry, source: 'shop' });
  await publisher.send({
    ...message,
    lane: 'whatsapp.send.marketing',
    message_id: 'id-1',
    requested_at: 5,
    source: 'crm',
    trace: { traceparent: '00-1-2-01' },
  });
  const record = sent[0]?.[0];
  assert.equal(record?.topic, 'whatsapp.send.marketing');
  assert.equal(record.key, 'id-1');
  assert.equal(record.headers?.['traceparent'], '00-1-2-01');
  const request = await decoded(record);
  assert.equal(request.requested_at, 5);
  assert.equal(request.source, 'crm');
});

test('every fault is told at once, without the number, and nothing is published', async () => {
  const { kafka, registry, sent } = doubles();
  const publisher = await createPublisher({ kafka, registry, source: 'shop' });
  const bad = { ...message, lane: 'urgent', msisdn: '0812345', message_id: 'no spaces' };
  await assert.rejects(publisher.send(bad), (error) => {
    assert.ok(error instanceof InvalidSendRequestError);
    assert.equal(error.faults.length, 3);
    assert.match(error.faults[0] ?? '', /lane "urgent" is none of otp, transactional, marketing/);
    assert.doesNotMatch(error.message, /0812345/);
    return true;
  });
  await assert.rejects(publisher.sendMany([message, bad]), /message 2: lane "urgent"/);
  assert.deepEqual(sent, []);
});

test('many are published in batches that a broker takes, each with its receipt', async () => {
  const { kafka, registry, sent, asked } = doubles();
  const publisher = await createPublisher({ kafka, registry, source: 'shop' });
  const template = { ...message.template, body_params: ['x'.repeat(200_000)] };
  const messages = [1, 2, 3, 4, 5].map((n) => ({ ...message, template, message_id: `m-${n}` }));
  const receipts = await publisher.sendMany(messages);
  assert.deepEqual(
    receipts.map(({ messageId }) => messageId),
    ['m-1', 'm-2', 'm-3', 'm-4', 'm-5'],
  );
  assert.deepEqual(
    sent.map((batch) => batch.length),
    [2, 2, 1],
  );
  assert.deepEqual(asked, ['whatsapp.send.otp-value']);
});

test('a schema that is not registered yet is asked for again by the next message', async () => {
  const { kafka, registry } = doubles();
  let registered = false;
  const publisher = await createPublisher({
    kafka,
    source: 'shop',
    registry: {
      ...registry,
      idOf: async () => {
        if (!registered) throw new SchemaNotFoundError('not there');
        return 7;
      },
    },
  });
  await assert.rejects(publisher.send(message), SchemaNotFoundError);
  registered = true;
  assert.equal((await publisher.send(message)).offset, 0);
});
