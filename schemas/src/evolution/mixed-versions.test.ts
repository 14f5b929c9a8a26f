/**
 * Programs of different versions side by side: each is our own codec, built with the schemas of its version, and what
 * goes between them is bytes. The registry is a list in memory.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import avsc from 'avsc';
import { SCHEMA_TEXTS } from '../schema-texts.ts';
import { newSendRequest, newStatusEvent, newTemplate } from '../types.generated.ts';
import { faultsOf } from '../validate.ts';
import { changedSchema, HARMLESS, type SchemaChange } from './changes.ts';
import { clientOf, registryOfTexts } from './client-of.ts';
import { releasedSchemas } from './released.ts';

const REQUEST = newSendRequest({
  message_id: 'm-1',
  msisdn: '6281234567890',
  template: newTemplate({ name: 'otp_login', lang_code: 'id', body_params: ['123456'] }),
  requested_at: 1_790_000_000_000,
  source: 'login',
  on_doubt: 'RESEND',
  metadata: { order: '17' },
});
const EVENT = newStatusEvent({
  event_id: 'e-1',
  message_id: 'm-1',
  status: 'RETRYING',
  origin: 'SENDER',
  attempt: 2,
  occurred_at: 1_790_000_000_000,
  retry_at: 1_790_000_005_000,
  metadata: { order: '17' },
});

const registry = registryOfTexts();
const present = await clientOf(registry);

function harmless(name: string): SchemaChange {
  const change = HARMLESS.find((one) => one.name === name);
  assert.ok(change, name);
  return change;
}

/** The program that comes after a change. */
function next(name: string) {
  const change = harmless(name);
  return clientOf(registry, { [change.event]: changedSchema(change) });
}

for (const { event, version, text } of [
  ...releasedSchemas('SendRequest'),
  ...releasedSchemas('StatusEvent'),
]) {
  test(`a program of ${event} ${version} and one of today understand each other`, async () => {
    const old = await clientOf(registry, { [event]: text });
    for (const [writer, reader] of [
      [old, present],
      [present, old],
    ] as const) {
      const [request, status] = await Promise.all([
        reader.read('SendRequest', await writer.write('SendRequest', REQUEST)),
        reader.read('StatusEvent', await writer.write('StatusEvent', EVENT)),
      ]);
      assert.equal(request.ok && request.value.message_id, 'm-1');
      assert.equal(status.ok && status.value.event_id, 'e-1');
    }
  });
}

test('whatever fits one version can be read with any harmless change of it, and the reverse', async () => {
  for (const change of HARMLESS) {
    const text = changedSchema(change);
    const [now, later] = [SCHEMA_TEXTS[change.event], text].map((one) =>
      avsc.Type.forSchema(JSON.parse(one), {}),
    );
    assert.ok(now && later);
    const [back, forth] = [now.createResolver(later), later.createResolver(now)];
    for (let i = 0; i < 50; i += 1) {
      now.fromBuffer(later.toBuffer(later.random()), back);
      later.fromBuffer(now.toBuffer(now.random()), forth);
    }
  }
});

test('a new field: an old client reads the rest and is told, a new one reads the default in what is old', async () => {
  const later = await next('a new field with a default');
  const written = await later.write('StatusEvent', Object.assign({ ...EVENT }, { region: 'sg' }));
  const byOld = await present.read('StatusEvent', written);
  assert.deepEqual(byOld.ok && [byOld.value, byOld.unknownFields], [EVENT, true]);
  const byNew = await later.read('StatusEvent', await present.write('StatusEvent', EVENT));
  assert.deepEqual(byNew.ok && [byNew.value, byNew.unknownFields], [{ ...EVENT, region: 'id' }, false]);
});

test('a field that went: a new client passes it over, an old one reads the default', async () => {
  const later = await next('a field with a default goes');
  const event = { ...EVENT, recipient: 'hash' };
  const { recipient: _, ...rest } = event;
  const byNew = await later.read('StatusEvent', await present.write('StatusEvent', event));
  assert.deepEqual(byNew.ok && [byNew.value, byNew.unknownFields], [rest, true]);
  const byOld = await present.read('StatusEvent', await later.write('StatusEvent', event));
  assert.deepEqual(byOld.ok && byOld.value, { ...event, recipient: null });
});

test('a new status is UNKNOWN to an old client, and an old status is itself to a new one', async () => {
  const later = await next('a new status');
  const teleported = Object.assign({ ...EVENT }, { status: 'TELEPORTED' });
  const byOld = await present.read('StatusEvent', await later.write('StatusEvent', teleported));
  assert.deepEqual(byOld.ok && [byOld.value, byOld.unknownFields], [{ ...EVENT, status: 'UNKNOWN' }, false]);
  const byNew = await later.read('StatusEvent', await later.write('StatusEvent', teleported));
  assert.equal(byNew.ok && byNew.value.status, 'TELEPORTED');
  // Its number in the writer's enum is another one than in the reader's.
  for (const [writer, reader] of [
    [later, present],
    [present, later],
  ] as const) {
    const read = await reader.read('StatusEvent', await writer.write('StatusEvent', EVENT));
    assert.equal(read.ok && read.value.status, 'RETRYING');
  }
});

test('a new answer to doubt is HOLD to an old sender: the one that sends nothing twice', async () => {
  const later = await next('a new answer to doubt');
  const asking = Object.assign({ ...REQUEST }, { on_doubt: 'ASK' });
  const read = await present.read('SendRequest', await later.write('SendRequest', asking));
  assert.equal(read.ok && read.value.on_doubt, 'HOLD');
});

test('a new kind of content: to an old sender it is a request without template, written by something newer', async () => {
  const later = await next('a new kind of content');
  const media = Object.assign({ ...REQUEST }, { template: null, media: { url: 'https://x.example/a.png' } });
  const read = await present.read('SendRequest', await later.write('SendRequest', media));
  assert.ok(read.ok && read.unknownFields && read.value.template === null);
  assert.notDeepEqual(faultsOf(read.value), []);
  const template = await present.read(
    'SendRequest',
    await later.write('SendRequest', Object.assign({ ...REQUEST }, { media: null })),
  );
  assert.deepEqual(template.ok && template.value, REQUEST);
});
