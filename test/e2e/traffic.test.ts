/**
 * What holds messages back, calls them back or sends them once more: brakes, cancellations, blocked recipients,
 * rejections by callback and redrives. Kafka, registry and services are real, and so is the control topic; Verihubs
 * is simulated.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NewMessage } from '@whatsapp-stream/client';
import { type KafkaRecord, withAdmin } from '@whatsapp-stream/kafka';
import {
  type ControlChange,
  encodeControl,
  foldEvents,
  redriveHeaders,
  type StatusEvent,
} from '@whatsapp-stream/schemas';
import { callOf } from '../support/calls.ts';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';

const stack = await useStack();
let system: System;
let sender: Awaited<ReturnType<System['startSender']>>;
before(async () => {
  system = await startSystem(stack, { verihubs: { callbacks: { delayMs: { minMs: 20, maxMs: 50 } } } });
  sender = await system.startSender();
});
after(() => system?.stop());

let count = 0;
async function publish(more: Partial<NewMessage> = {}): Promise<string> {
  count += 1;
  const messageId = `t-${count}`;
  const template = { name: 'order_update', langCode: 'id', bodyParams: [messageId] };
  const msisdn = `62814${String(count).padStart(7, '0')}`;
  await system.publisher.send({ lane: 'otp', messageId, msisdn, template, ...more });
  return messageId;
}

const of = (id: string): readonly StatusEvent[] =>
  system.events.filter(({ message_id }) => message_id === id);
const statusesOf = (id: string) => of(id).map(({ status }) => status);

async function ends(id: string, status: string): Promise<StatusEvent> {
  const find = () => of(id).find((event) => event.status === status);
  await system.until(() => find() !== undefined);
  const event = find();
  assert.ok(event);
  return event;
}

const callsFor = (id: string) =>
  system.verihubs.control
    .events()
    .filter((event) => event.type === 'request' && callOf(event.callbackUrl)?.messageId === id).length;

async function control(change: ControlChange): Promise<void> {
  const producer = await system.kafka.producer();
  await producer.send([{ topic: system.names.control, ...encodeControl(change) }]);
  await producer.close();
}

/** Resolves once the sender has heard it. @param lane `*` for all */
async function pause(lane: string, paused: boolean): Promise<void> {
  await control({ kind: 'brake', lane, brake: { paused, reason: 'a test', by: 'test' } });
  await until('the sender has heard it', () =>
    isOpen(lane === '*' ? 'otp' : lane).then((open) => open !== paused),
  );
}

async function isOpen(lane: string): Promise<boolean> {
  const metrics = await (await fetch(`http://127.0.0.1:${sender.adminPort}/metrics`)).text();
  return new RegExp(`^sender_lane_open\\{.*lane="${lane}".*\\} 1$`, 'm').test(metrics);
}

/** Messages of a lane that nobody has dealt with, by what is committed. */
async function waiting(lane: string): Promise<number> {
  const topic = system.names.lanes.find((name) => name.endsWith(lane)) ?? '';
  return withAdmin(system.kafka, async (admin) => {
    const ends = await admin.offsets(topic);
    const commits = (await admin.committed(system.names.group, [topic])).get(topic);
    return [...ends].reduce(
      (sum, [partition, { low, high }]) => sum + high - (commits?.get(partition)?.offset ?? low),
      0,
    );
  });
}

test('a lane that is paused sends nothing, also after a take-over; the others go on; resumed, it goes on', async () => {
  await ends(await publish({ lane: 'marketing' }), 'READ');
  await pause('marketing', true);
  const held = await publish({ lane: 'marketing' });
  // Another replica takes over: it learns of the brake before it starts.
  const first = sender;
  sender = await system.startSender();
  await first.stop();
  await ends(await publish(), 'READ');
  assert.deepEqual(statusesOf(held), []);
  assert.ok((await waiting('marketing')) > 0);
  await pause('marketing', false);
  await ends(held, 'READ');
  assert.equal(callsFor(held), 1);
});

test('all lanes are paused and resumed by one word', async () => {
  await pause('*', true);
  const ids = await Promise.all(['otp', 'transactional', 'marketing'].map((lane) => publish({ lane })));
  assert.deepEqual(ids.flatMap(statusesOf), []);
  await pause('*', false);
  for (const id of ids) await ends(id, 'READ');
});

test('a message that expires in a closed lane ends EXPIRED, and tells how late it is', async () => {
  await pause('transactional', true);
  const expiresAt = Date.now() + 3_000;
  const id = await publish({ lane: 'transactional', expiresAt });
  await until('it is too late', () => Date.now() > expiresAt);
  await pause('transactional', false);
  const expired = await ends(id, 'EXPIRED');
  assert.match(expired.reason ?? '', /^\d+ ms after expires_at$/);
  assert.equal(callsFor(id), 0);
});

test('what is called back ends CANCELLED, what comes later is sent', async () => {
  await pause('marketing', true);
  const template = { name: 'wrong_campaign', langCode: 'id' };
  const wrong = [
    await publish({ lane: 'marketing', template }),
    await publish({ lane: 'marketing', template }),
  ];
  const right = await publish({ lane: 'marketing' });
  await control({
    kind: 'cancellation',
    id: 'c-1',
    cancellation: { match: { template: 'wrong_campaign' }, until: null, reason: 'wrong prices', by: 'ops' },
  });
  const later = await publish({ lane: 'marketing', template });
  await pause('marketing', false);
  for (const id of wrong) {
    const cancelled = await ends(id, 'CANCELLED');
    assert.match(cancelled.reason ?? '', /called back by ops: wrong prices/);
    assert.deepEqual([cancelled.charged, cancelled.attempt, callsFor(id)], [false, 0, 0]);
  }
  for (const id of [right, later]) await ends(id, 'READ');
});

for (const [how, say] of [
  ['409', (msisdn: string) => sayFault(msisdn, 409)],
  ['a callback with status 9', (msisdn: string) => sayCallbacks({ [msisdn]: [9] })],
] as const) {
  test(`a recipient that is blocked by ${how} is not called again, others are`, async () => {
    const msisdn = `62815${String(count).padStart(7, '0')}`;
    say(msisdn);
    const first = await publish({ msisdn });
    await system.until(() =>
      statusesOf(first).some((status) => status === 'REFUSED' || status === 'BLOCKED'),
    );
    await until('it is known', async () => callsFor(await publishTo(msisdn)) === 0);
    await ends(await publish(), 'READ');
  });
}

async function publishTo(msisdn: string): Promise<string> {
  const id = await publish({ msisdn });
  await system.until(() => statusesOf(id).some((status) => ['REFUSED', 'BLOCKED'].includes(status)));
  const refused = of(id).find(({ status }) => status === 'REFUSED');
  if (refused) {
    assert.match(refused.reason ?? '', /blocked/);
    assert.doesNotMatch(refused.reason ?? '', /62815/);
  }
  return id;
}

function sayFault(msisdn: string, status: number): void {
  const { faults } = system.verihubs.control.settings();
  const rule = { fault: { kind: 'status', status } as const, msisdn };
  system.verihubs.control.setFaults({ rules: [...faults.rules, rule] });
}

const sayCallbacks = (byMsisdn: Readonly<Record<string, readonly number[]>>) =>
  system.verihubs.control.setCallbacks({ byMsisdn });

test('a message that a callback rejects for the rate is appended again, and sent once more', async () => {
  const msisdn = '628160000001';
  sayCallbacks({ [msisdn]: [8] });
  const id = await publish({ msisdn });
  await ends(id, 'REJECTED');
  sayCallbacks({});
  await ends(id, 'READ');
  assert.equal(callsFor(id), 2);
  assert.deepEqual(
    of(id)
      .filter(({ origin }) => origin === 'SENDER')
      .map(({ status, attempt }) => `${status} ${attempt}`),
    ['ATTEMPTED 1', 'ACCEPTED 1', 'RETRYING 1', 'ATTEMPTED 2', 'ACCEPTED 2'],
  );
  assert.equal(foldEvents(of(id))?.status, 'READ');
});

test('of one pair of message_id and redrive_of at most one is sent; one that is in vain is not', async () => {
  const msisdn = '628160000002';
  sayFault(msisdn, 400);
  const id = await publish({ msisdn });
  const refused = await ends(id, 'REFUSED');
  system.verihubs.control.setFaults({ rules: [] });
  const original = await recordOf(id);
  const headers = { ...original.headers, ...redriveHeaders({ of: refused.event_id, attempts: 1 }) };
  const again = { topic: original.topic, key: original.key, value: original.value, headers };
  const producer = await system.kafka.producer();
  await producer.send([again, again]);
  const read = await ends(id, 'READ');
  assert.equal(read.attempt, 2);
  const other = { ...headers, ...redriveHeaders({ of: 'another-event', attempts: 1 }) };
  await producer.send([again, { ...again, headers: other }]);
  await producer.close();
  await until('all are dealt with', async () => (await waiting('otp')) === 0);
  assert.equal(callsFor(id), 2);
});

/** The request of a message as it lies in its lane. */
async function recordOf(id: string) {
  const topic = system.names.lanes[0] ?? '';
  const found = Promise.withResolvers<KafkaRecord>();
  const reader = await system.kafka.readTopic(topic, 'beginning', {
    records(records) {
      const record = records.find(({ key }) => String(key) === id);
      if (record) found.resolve(record);
    },
    failed: found.reject,
  });
  try {
    return await found.promise;
  } finally {
    await reader.close();
  }
}
