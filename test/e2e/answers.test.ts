/**
 * What each answer of Verihubs leads to, told by the status log. Kafka, registry and services are real; the
 * simulator is told to go wrong.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NewMessage } from '@whatsapp-stream/client';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import type { Fault } from '@whatsapp-stream/verihubs-simulator';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';

const stack = await useStack();
let system: System;
before(async () => {
  system = await startSystem(stack, {
    // The shortest that is allowed: an attempt in doubt must wait for the call's and Kafka's time-outs.
    env: { VERIHUBS_TIMEOUT_MS: '500', DOUBT_GRACE_MS: '10500' },
    verihubs: { callbacks: { delayMs: { minMs: 20, maxMs: 50 } } },
  });
  await system.startSender();
});
after(() => system?.stop());

let count = 0;
/** Publishes a message that meets `fault` at its first `next` calls; gives its id and number. */
async function publish(fault: Fault | null, more: Partial<NewMessage> = {}, next = 1): Promise<string> {
  count += 1;
  const messageId = `a-${count}`;
  const msisdn = more.msisdn ?? `62813${String(count).padStart(7, '0')}`;
  const { faults } = system.verihubs.control.settings();
  if (fault) system.verihubs.control.setFaults({ rules: [...faults.rules, { fault, msisdn, next }] });
  const template = { name: 'order_update', langCode: 'id', bodyParams: [messageId] };
  await system.publisher.send({ lane: 'transactional', messageId, msisdn, template, ...more });
  return messageId;
}

const of = (id: string): readonly StatusEvent[] =>
  system.events.filter(({ message_id }) => message_id === id);
const has = (id: string, status: string) => () => of(id).some((event) => event.status === status);

async function ends(id: string, status: string, withinMs = 20_000): Promise<StatusEvent> {
  await system.until(has(id, status), withinMs);
  const event = of(id).find((one) => one.status === status);
  assert.ok(event);
  return event;
}

function taken(id: string): number {
  const urls = system.verihubs.control.messages().map(({ callbackUrl }) => callbackUrl ?? '');
  return urls.filter((url) => messageIdOf(url) === id).length;
}

function messageIdOf(url: string): unknown {
  const payload = new URL(url).pathname.split('.')[2] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString())[0];
}

test('400 and 409 end the message as REFUSED, with the reason and without the number', async () => {
  for (const status of [400, 409]) {
    const id = await publish({ kind: 'status', status });
    const refused = await ends(id, 'REFUSED');
    assert.deepEqual([refused.http_status, refused.charged, refused.attempt], [status, false, 1]);
    assert.match(refused.reason ?? '', new RegExp(`HTTP ${status}`));
    assert.doesNotMatch(refused.reason ?? '', /62813/);
    assert.equal(taken(id), 0);
  }
});

test('429 is tried again after a back-off, with a new attempt, and sent once', async () => {
  const id = await publish({ kind: 'status', status: 429, retryAfterSeconds: 1 });
  const accepted = await ends(id, 'ACCEPTED');
  assert.equal(accepted.attempt, 2);
  const retrying = of(id).find(({ status }) => status === 'RETRYING');
  const attempted = of(id).find(({ status }) => status === 'ATTEMPTED');
  assert.ok((retrying?.retry_at ?? 0) - (attempted?.occurred_at ?? 0) >= 1_000);
  assert.equal(taken(id), 1);
});

test('account trouble refuses no message: sending is held back, then goes on', async () => {
  for (const status of [401, 403, 404]) {
    const id = await publish({ kind: 'status', status });
    const accepted = await ends(id, 'ACCEPTED');
    assert.equal(accepted.attempt, 2);
    assert.match(
      of(id).find((event) => event.status === 'RETRYING')?.reason ?? '',
      new RegExp(`HTTP ${status}`),
    );
  }
});

test('after a lost answer a callback proves that the message was taken: ACCEPTED, and not sent again', async () => {
  const faults: Fault[] = [
    { kind: 'timeout', taken: true },
    { kind: 'reset', taken: true },
    { kind: 'garbage' },
    { kind: 'no-session-id' },
    { kind: 'status', status: 500, taken: true },
  ];
  const ids = await Promise.all(faults.map((fault) => publish(fault)));
  for (const id of ids) {
    const accepted = await ends(id, 'ACCEPTED');
    assert.deepEqual([accepted.http_status, accepted.attempt], [null, 1]);
    await ends(id, 'READ');
    assert.equal(taken(id), 1);
  }
});

test('without evidence a message is held as IN_DOUBT, an otp is sent again', async () => {
  const [held, otp, asked] = await Promise.all([
    publish({ kind: 'timeout', taken: false }),
    publish({ kind: 'reset', taken: false }, { lane: 'otp' }),
    publish({ kind: 'status', status: 500 }, { onDoubt: 'RESEND' }),
  ]);
  const doubt = await ends(held, 'IN_DOUBT', 30_000);
  assert.deepEqual([doubt.attempt, doubt.charged], [1, null]);
  assert.equal(taken(held), 0);
  for (const id of [otp, asked]) {
    assert.equal((await ends(id, 'ACCEPTED')).attempt, 2);
    assert.equal(taken(id), 1);
  }
});

test('a callback that comes before the answer changes nothing of the journey', async () => {
  system.verihubs.control.setCallbacks({ when: 'before-answer', delayMs: { minMs: 1, maxMs: 1 } });
  const id = await publish({ kind: 'latency', minMs: 200, maxMs: 200 });
  const accepted = await ends(id, 'ACCEPTED');
  assert.equal(accepted.http_status, 201);
  await ends(id, 'READ');
  system.verihubs.control.setCallbacks({});
});
