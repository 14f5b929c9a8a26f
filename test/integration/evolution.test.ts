/**
 * Versions of the schemas side by side, as the real registry, a real sender and Python see them. What a program of
 * ours makes of another version is tried beside `schemas/src/evolution`, without a registry.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  connectRegistry,
  newSendRequest,
  newStatusEvent,
  newTemplate,
  SCHEMA_TEXTS,
  SchemaRefusedError,
  subjectOf,
} from '@whatsapp-stream/schemas';
import { BREAKING, changedSchema, HARMLESS } from '../../schemas/src/evolution/changes.ts';
import { clientOf } from '../../schemas/src/evolution/client-of.ts';
import { releasedSchemas } from '../../schemas/src/evolution/released.ts';
import { ensureEnvironment, findPython, runProgram } from '../support/python.ts';
import { useStack } from '../support/stack.ts';
import { startSystem } from '../support/system.ts';

const stack = await useStack();
const registry = connectRegistry({ url: stack.registryUrl });

/** A subject that nobody else has, with all that was released and the present schema. */
async function subjectFor(event: 'SendRequest' | 'StatusEvent'): Promise<string> {
  const subject = subjectOf(`t${randomBytes(5).toString('hex')}`);
  const texts = [...releasedSchemas(event).map(({ text }) => text), SCHEMA_TEXTS[event]];
  for (const [i, text] of texts.entries()) {
    await registry.register(subject, JSON.stringify(JSON.parse(text)));
    // A registry may know no settings of a subject before it has a schema.
    if (i === 0) await registry.setCompatibility(subject, 'FULL_TRANSITIVE');
  }
  assert.equal(await registry.getCompatibility(subject), 'FULL_TRANSITIVE');
  return subject;
}

test('the registry takes what was released and what is present, in this order, and refuses what parts them', async () => {
  const subjects = {
    SendRequest: await subjectFor('SendRequest'),
    StatusEvent: await subjectFor('StatusEvent'),
  };
  for (const change of BREAKING) {
    const taken = registry.register(subjects[change.event], changedSchema(change));
    await assert.rejects(taken, SchemaRefusedError, change.name);
  }
});

for (const change of HARMLESS) {
  test(`the registry takes ${change.name}`, async () => {
    await registry.register(await subjectFor(change.event), changedSchema(change));
  });
}

test('a request with a new kind of content is put aside by an old sender, and one without it is sent', async () => {
  await using cleanup = new AsyncDisposableStack();
  const system = await startSystem(stack);
  cleanup.defer(() => system.stop());
  await system.startSender();
  const [topic] = system.names.lanes;
  const media = HARMLESS.find(({ name }) => name === 'a new kind of content');
  assert.ok(topic && media);
  const text = changedSchema(media);
  const { id } = await registry.register(subjectOf(topic), text);
  const newer = await clientOf(
    { idOf: async () => id, schemaById: (one) => registry.schemaById(one) },
    { SendRequest: text },
  );
  const request = newSendRequest({ message_id: 'picture', msisdn: '628001', requested_at: Date.now() });
  const template = newTemplate({ name: 'otp_login', lang_code: 'id' });
  const producer = await system.kafka.producer();
  cleanup.defer(() => producer.close());
  const values = await Promise.all([
    newer.write('SendRequest', Object.assign({ ...request }, { media: { url: 'https://x.example/a.png' } })),
    newer.write('SendRequest', Object.assign({ ...request }, { message_id: 'text', template, media: null })),
  ]);
  await producer.send(values.map((value, i) => ({ topic, key: String(i), value })));

  const { promise: letter, resolve, reject } = Promise.withResolvers<string | undefined>();
  const reader = await system.kafka.readTopic(system.names.deadLetter, 'beginning', {
    records: (records) => resolve(records[0]?.headers['dlq_reason']),
    failed: reject,
  });
  cleanup.defer(() => reader.close());
  assert.equal(await letter, 'NEWER_SCHEMA');
  await system.until((events) =>
    events.some(({ message_id, status }) => message_id === 'text' && status === 'READ'),
  );
  assert.ok(system.events.every(({ message_id }) => message_id !== 'picture'));
});

/** Reads and writes with fastavro, as Confluent's serializers for Python do. */
const READ_EACH_OTHER = `
import base64, io, json, sys
from fastavro import parse_schema, schemaless_reader, schemaless_writer
cases = json.loads(sys.argv[1])
for case in cases:
    writer, reader = (parse_schema(json.loads(case[name])) for name in ("writer", "reader"))
    value = schemaless_reader(io.BytesIO(base64.b64decode(case["body"])), writer, reader)
    body = io.BytesIO()
    schemaless_writer(body, reader, value)
    print(json.dumps({"value": value, "body": base64.b64encode(body.getvalue()).decode()}, default=str))
`;

test('Python reads a new status as UNKNOWN, and an old event with the new defaults', async (t) => {
  const found = await findPython();
  if (!found.ok) return t.skip(found.reason);
  const interpreter = await ensureEnvironment(found.python, (line) => t.diagnostic(line));
  const [status, field] = ['a new status', 'a new field with a default'].map((name) => {
    const change = HARMLESS.find((one) => one.name === name);
    assert.ok(change);
    return changedSchema(change);
  });
  assert.ok(status && field);
  const anywhere = { idOf: async () => 1, schemaById: async () => status };
  const event = newStatusEvent({ event_id: 'e', status: 'SENT', origin: 'CALLBACK', occurred_at: 1 });
  const [now, later] = [await clientOf(anywhere), await clientOf(anywhere, { StatusEvent: status })];
  const bodyOf = (bytes: Buffer) => bytes.subarray(5).toString('base64');
  const old = SCHEMA_TEXTS.StatusEvent;
  const teleported = Object.assign({ ...event }, { status: 'TELEPORTED' });
  const cases = [
    { writer: status, reader: old, body: bodyOf(await later.write('StatusEvent', teleported)) },
    { writer: status, reader: old, body: bodyOf(await later.write('StatusEvent', event)) },
    { writer: old, reader: field, body: bodyOf(await now.write('StatusEvent', event)) },
  ];
  const { code, stdout, stderr } = await runProgram(interpreter, [
    '-c',
    READ_EACH_OTHER,
    JSON.stringify(cases),
  ]);
  assert.equal(code, 0, stderr);
  const [unknown, sent, defaulted] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(unknown.value.status, 'UNKNOWN');
  assert.equal(sent.value.status, 'SENT');
  assert.equal(defaulted.value.region, 'id');
  // What Python writes with today's schema is what our codec writes.
  assert.equal(sent.body, bodyOf(await now.write('StatusEvent', event)));
});
