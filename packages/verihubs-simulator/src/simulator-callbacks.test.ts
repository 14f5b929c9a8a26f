import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallbackPlan } from './callback-plan.ts';
import type { Verihubs } from './simulator.ts';
import { AT_ONCE, codesOf, nextEvent, post, sendBody, startFor, startReceiver } from './test-support.ts';

/** Sends one message and waits until all its callbacks have ended. */
async function sendAndCallBack(verihubs: Verihubs, callbackUrl: string): Promise<string> {
  const answer = await post(verihubs, sendBody({ callback_url: callbackUrl }));
  await verihubs.control.idle();
  return JSON.parse(answer.text).session_id;
}

const withPlan = (plan: Partial<CallbackPlan>) => ({ callbacks: { ...AT_ONCE, ...plan } });

test('a message is called back sent, delivered, read, by GET, under its session id', async (t) => {
  const receiver = await startReceiver(t);
  const verihubs = await startFor(t, withPlan({}));
  const sessionId = await sendAndCallBack(verihubs, receiver.url);
  assert.deepEqual(
    receiver.received.map(({ method, target }) => `${method} ${target}`),
    [1, 2, 3].map((code) => `GET /callbacks/token?session_id=${sessionId}&status=${code}`),
  );
  const [message] = verihubs.control.messages();
  assert.equal(message?.callbacks.state, 'done');
  assert.equal(verihubs.control.stats().callbacks.ok, 3);
});

test('a form and JSON carry the same', async (t) => {
  const receiver = await startReceiver(t);
  const verihubs = await startFor(t, withPlan({ style: 'post-form', outcomes: [{ codes: [6], weight: 1 }] }));
  const first = await sendAndCallBack(verihubs, receiver.url);
  verihubs.control.setCallbacks({ ...AT_ONCE, style: 'post-json', outcomes: [{ codes: [7], weight: 1 }] });
  const second = await sendAndCallBack(verihubs, receiver.url);
  assert.deepEqual(
    receiver.received.map(({ method, contentType, body }) => ({ method, contentType, body })),
    [
      {
        method: 'POST',
        contentType: 'application/x-www-form-urlencoded',
        body: `session_id=${first}&status=6`,
      },
      { method: 'POST', contentType: 'application/json', body: `{"session_id":"${second}","status":7}` },
    ],
  );
});

test('callbacks come reversed, doubled or not at all, as planned', async (t) => {
  const receiver = await startReceiver(t);
  const verihubs = await startFor(t, withPlan({ order: 'reversed', duplicateProbability: 1 }));
  await sendAndCallBack(verihubs, receiver.url);
  assert.deepEqual(codesOf(receiver), ['3', '3', '2', '2', '1', '1']);
  verihubs.control.setCallbacks({ ...AT_ONCE, lossProbability: 1 });
  await sendAndCallBack(verihubs, receiver.url);
  assert.equal(receiver.received.length, 6);
  assert.equal(verihubs.control.stats().callbacks.lost, 6);
});

test('the first callback can come before the answer', async (t) => {
  const receiver = await startReceiver(t);
  const verihubs = await startFor(t, withPlan({ when: 'before-answer' }));
  await post(verihubs, sendBody({ callback_url: receiver.url }));
  assert.equal(codesOf(receiver)[0], '1');
  await verihubs.control.idle();
  assert.deepEqual(codesOf(receiver), ['1', '2', '3']);
});

test('a message taken without an answer is called back all the same, one not taken never', async (t) => {
  const receiver = await startReceiver(t);
  const rules = [true, false].map((taken) => ({ fault: { kind: 'reset', taken } as const, next: 1 }));
  const verihubs = await startFor(t, { ...withPlan({}), faults: { rules } });
  await assert.rejects(sendAndCallBack(verihubs, receiver.url));
  await assert.rejects(sendAndCallBack(verihubs, receiver.url));
  await verihubs.control.idle();
  assert.deepEqual(codesOf(receiver), ['1', '2', '3']);
});

test('a callback that is not answered 200 is counted, and made again only where that is asked for', async (t) => {
  const receiver = await startReceiver(t, (n) => (n === 1 || n === 4 ? 503 : 200));
  const verihubs = await startFor(t, withPlan({}));
  await sendAndCallBack(verihubs, receiver.url);
  assert.deepEqual(codesOf(receiver), ['1', '2', '3']);
  verihubs.control.setCallbacks({ ...AT_ONCE, retries: 2, retryDelayMs: 0 });
  await sendAndCallBack(verihubs, receiver.url);
  assert.deepEqual(codesOf(receiver).slice(3), ['1', '1', '2', '3']);
  const { ok, otherStatus, retried } = verihubs.control.stats().callbacks;
  assert.deepEqual({ ok, otherStatus, retried }, { ok: 5, otherStatus: 2, retried: 1 });
});

test('a receiver that is not there is a failure with a code, and no URL in it', async (t) => {
  const verihubs = await startFor(t, withPlan({ outcomes: [{ codes: [1], weight: 1 }] }));
  const ended = nextEvent(verihubs, (event) => event.type === 'callback');
  await sendAndCallBack(verihubs, 'http://127.0.0.1:9/secret-token');
  const event = await ended;
  assert.equal(event.type === 'callback' && event.error, 'ECONNREFUSED');
  assert.equal(verihubs.control.stats().callbacks.failed, 1);
});

const later = { delayMs: { minMs: 60_000, maxMs: 60_000 } };

test('a stop drops pending callbacks and says how many', async (t) => {
  const receiver = await startReceiver(t);
  const verihubs = await startFor(t, { callbacks: later });
  await post(verihubs, sendBody({ callback_url: receiver.url }));
  assert.equal(verihubs.control.stats().callbacks.pending, 3);
  assert.deepEqual(await verihubs.stop(), { droppedCallbacks: 3 });
  assert.equal(receiver.received.length, 0);
});

test('a stop that waits makes them all, unless it is told again to drop them', async (t) => {
  const receiver = await startReceiver(t);
  const patient = await startFor(t, { callbacks: { delayMs: { minMs: 20, maxMs: 20 } } });
  await post(patient, sendBody({ callback_url: receiver.url }));
  assert.deepEqual(await patient.stop('wait'), { droppedCallbacks: 0 });
  assert.deepEqual(codesOf(receiver), ['1', '2', '3']);

  const hurried = await startFor(t, { callbacks: later });
  await post(hurried, sendBody({ callback_url: receiver.url }));
  const waiting = hurried.stop('wait');
  await hurried.stop('drop');
  assert.deepEqual(await waiting, { droppedCallbacks: 3 });
});
