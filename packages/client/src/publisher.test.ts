import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propagation } from '@opentelemetry/api';
import type { Kafka, NewRecord } from '@whatsapp-stream/kafka';
import {
  createDecoder,
  newTemplate,
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
  template: { name: 'otp_login', langCode: 'id' },
};

/** Kafka and the registry are doubled; what reaches the producer is observed. */
function doubles() {
  const sent: NewRecord[][] = [];
  const unused = () => assert.fail('not expected to be called');
  const kafka: Kafka = {
    ping: unused,
    exclusiveConsumer: unused,
    sharedConsumer: unused,
    readTopic: unused,
    readRange: unused,
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
  const publisher = await createPublisher({ kafka, registry, source: 'shop', now: () => 0 });
  await publisher.send({
    ...message,
    lane: 'whatsapp.send.marketing',
    messageId: 'id-1',
    template: { ...message.template, headerParams: ['h'], bodyParams: ['b'], buttonUrlParam: 'u' },
    requestedAt: new Date(5),
    expiresAt: new Date(6),
    source: 'crm',
    onDoubt: 'HOLD',
    metadata: { order: 'A-1' },
    trace: { traceparent: '00-1-2-01' },
  });
  const record = sent[0]?.[0];
  assert.equal(record?.topic, 'whatsapp.send.marketing');
  assert.equal(record.key, 'id-1');
  assert.equal(record.headers?.['traceparent'], '00-1-2-01');
  assert.deepEqual(
    { ...(await decoded(record)) },
    {
      message_id: 'id-1',
      msisdn: '628001',
      template: newTemplate({
        name: 'otp_login',
        lang_code: 'id',
        header_params: ['h'],
        body_params: ['b'],
        button_url_param: 'u',
      }),
      requested_at: 5,
      expires_at: 6,
      source: 'crm',
      on_doubt: 'HOLD',
      metadata: { order: 'A-1' },
    },
  );
});

test('every fault of every message is told at once, and nothing is published', async () => {
  const { kafka, registry, sent } = doubles();
  const publisher = await createPublisher({ kafka, registry, source: 'shop' });
  const bad = { ...message, lane: 'urgent', msisdn: '0812345', messageId: 'no spaces' };
  await assert.rejects(publisher.send(bad), {
    invalid: [0],
    message: /^nothing was published: lane "urgent"/,
  });
  await assert.rejects(publisher.sendMany([bad, message, { ...message, msisdn: '' }]), (error) => {
    assert.ok(error instanceof InvalidSendRequestError);
    assert.deepEqual(error.invalid, [0, 2]);
    assert.equal(error.faults.length, 4);
    assert.match(error.faults[3] ?? '', /^message 3: msisdn must be 6 to 15 digits/);
    return true;
  });
  assert.deepEqual(sent, []);
});

test('with a region numbers are published as E.164 digits, unless the message asks for another or for none', async () => {
  const { kafka, registry, sent } = doubles();
  const publisher = await createPublisher({ kafka, registry, source: 'shop', defaultRegion: 'ID' });
  await publisher.sendMany([
    { ...message, msisdn: '0812-3456-7890' },
    { ...message, msisdn: '9123 4567', defaultRegion: 'SG' },
    { ...message, defaultRegion: null },
  ]);
  const requests = await Promise.all((sent[0] ?? []).map(decoded));
  assert.deepEqual(
    requests.map(({ msisdn }) => msisdn),
    ['6281234567890', '6591234567', '628001'],
  );
  await assert.rejects(publisher.send(message), /msisdn cannot be read as one number/);
});

test('options that name no source or no country are refused', async () => {
  const { kafka, registry } = doubles();
  await assert.rejects(createPublisher({ kafka, registry, source: '' }), TypeError);
  const nowhere = { defaultRegion: 'Indonesia' } as object;
  await assert.rejects(createPublisher({ kafka, registry, source: 'shop', ...nowhere }), /two letters/);
});

test('many are published in batches that a broker takes, each with its receipt', async () => {
  const { kafka, registry, sent, asked } = doubles();
  const publisher = await createPublisher({ kafka, registry, source: 'shop' });
  const template = { ...message.template, bodyParams: ['x'.repeat(200_000)] };
  const messages = [1, 2, 3, 4, 5].map((n) => ({ ...message, template, messageId: `m-${n}` }));
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

test('the active trace goes along, and one that the message brings goes before it', async (t) => {
  t.after(() => propagation.disable());
  propagation.setGlobalPropagator({
    inject: (_context, carrier, setter) => setter.set(carrier, 'traceparent', 'active'),
    extract: (context) => context,
    fields: () => ['traceparent'],
  });
  const { kafka, registry, sent } = doubles();
  const publisher = await createPublisher({ kafka, registry, source: 'shop' });
  await publisher.sendMany([
    message,
    { ...message, trace: { traceparent: 'own' } },
    { ...message, trace: {} },
  ]);
  const traces = sent[0]?.map(({ headers }) => headers?.['traceparent']);
  assert.deepEqual(traces, ['active', 'own', undefined]);
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
