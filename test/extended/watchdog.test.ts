/**
 * The sender's watchdog in a whole sender. Its clock runs thirty times as fast as the world's, so that minutes pass
 * in seconds. Doubled besides: in one test a consumer that is a member in good standing and brings nothing. Kafka and
 * the registry are real, Verihubs is simulated. Observed: `/livez`, `/readyz`, `/metrics`.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka, type Kafka } from '@whatsapp-stream/kafka';
import { senderSettings, startSender } from '@whatsapp-stream/sender';
import { type Clock, createLogger } from '@whatsapp-stream/service-kit';
import { messages } from '../support/messages.ts';
import { useStack } from '../support/stack.ts';
import { type System, settingsFrom, startSystem } from '../support/system.ts';

const SPEED = 30;
/** Of the fast clock. Kafka is asked once a minute what it has; within this the watchdog has made up its mind. */
const LONG_MS = 8 * 60_000;

const stack = await useStack();
const log = createLogger('test', 'fatal');
let system: System;
before(async () => {
  system = await startSystem(stack, { verihubs: { limit: { maxRequestsPerSecond: 10_000 } } });
});
after(() => system?.stop());

const fastClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() * SPEED,
  after(ms, callback) {
    const timer = setTimeout(callback, ms / SPEED);
    return () => clearTimeout(timer);
  },
};

async function start(t: TestContext, change: (kafka: Kafka) => Partial<Kafka> = () => ({})) {
  const real = createKafka({ brokers: stack.brokers.split(','), clientId: 'test', log });
  const config = settingsFrom(senderSettings, { ...system.env });
  const kafka: Kafka = { ...real, ...change(real) };
  const sender = await startSender({ config, log, kafka, clock: fastClock });
  t.after(() => sender.stop());
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${sender.adminPort}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  while ((await get('/readyz')).status !== 200) await sleep(50);
  return get;
}

test('while messages come in and go out, and while account trouble holds them back, it is alive', async (t) => {
  const get = await start(t);
  let end = fastClock.monotonic() + LONG_MS;
  for (let run = 0; fastClock.monotonic() < end; run++) {
    await system.publisher.sendMany(messages(`flow-${run}`, 18));
    await sleep(300);
    assert.deepEqual(await get('/livez'), { status: 200, text: '{"status":"ok"}' });
  }
  system.verihubs.control.setFaults({ rules: [{ fault: { kind: 'status', status: 401 } }] });
  await system.publisher.sendMany(messages('trouble', 18));
  for (end = fastClock.monotonic() + LONG_MS; fastClock.monotonic() < end; await sleep(300)) {
    assert.deepEqual(await get('/livez'), { status: 200, text: '{"status":"ok"}' });
  }
  assert.match((await get('/readyz')).text, /authorization failed/);
  const { text } = await get('/metrics');
  assert.match(text, /sender_records_in_memory\{lane="marketing",stage="(pause|turn)",[^}]*\} [1-6]\n/);
  system.verihubs.control.reset();
});

test('when Kafka has records and the consumer brings none it is not alive, though all seems well', async (t) => {
  const get = await start(t, (real) => ({
    exclusiveConsumer: (...args) => ({ ...real.exclusiveConsumer(...args), resume: () => {} }),
  }));
  await system.publisher.sendMany(messages('never', 18));
  const end = fastClock.monotonic() + LONG_MS;
  while (fastClock.monotonic() < end && (await get('/livez')).status === 200) await sleep(100);
  const { status, text } = await get('/livez');
  assert.equal(status, 503);
  assert.match(text, /otp\/\d: nothing comes in from offset \d+ on, and Kafka has records up to \d+/);
  assert.equal((await get('/readyz')).status, 200);
});
