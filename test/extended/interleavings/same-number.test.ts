/**
 * Two replicas have both written an attempt 1 of the same message: its outcome is told by the attempt's id, never by
 * its number. The other replicas are a stranger who writes to the status log; all else is real but Verihubs, which
 * has taken none of these attempts. Observed: how each message ends, and that nothing is called without need.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Receipt } from '@whatsapp-stream/client';
import { useStack } from '../../support/stack.ts';
import { type System, startSystem } from '../../support/system.ts';
import {
  callsOf,
  createStranger,
  eventOf,
  factsOf,
  newMessage,
  type Stranger,
  sendThrough,
} from './support.ts';

const stack = await useStack();
let system: System;
let stranger: Stranger;
before(async () => {
  system = await startSystem(stack, {
    env: { VERIHUBS_TIMEOUT_MS: '500', DOUBT_GRACE_MS: '14000' },
    verihubs: { limit: { maxRequestsPerSecond: 1_000 } },
  });
  stranger = await createStranger(system);
  await tellOfAll();
});
after(async () => {
  await stranger?.[Symbol.asyncDispose]();
  await system?.stop();
});

/** Publishes a message of which two replicas, `x` and `y`, have both written an attempt 1. */
async function attemptedTwice(id: string, number: number): Promise<Receipt> {
  const receipt = await system.publisher.send(newMessage('transactional', id, number));
  await stranger.tell(receipt, 'ATTEMPTED', '1.x');
  await stranger.tell(receipt, 'ATTEMPTED', '1.y');
  return receipt;
}

const settlings = (id: string) => factsOf(system, id, 'ACCEPTED', 'IN_DOUBT');

async function isSettledAsTaken(id: string): Promise<void> {
  const accepted = await eventOf(system, id, 'ACCEPTED');
  assert.deepEqual([accepted.attempt, accepted.attempt_id, accepted.http_status], [1, '1.y', null]);
  assert.equal(callsOf(system, id).length, 0);
}

async function isHeld(id: string): Promise<void> {
  const doubt = await eventOf(system, id, 'IN_DOUBT');
  assert.deepEqual([doubt.attempt, doubt.attempt_id], [1, '1.y']);
  assert.deepEqual([callsOf(system, id).length, settlings(id)], [0, 1]);
}

/** All wait at the same time; what each came to is a test of its own. */
async function tellOfAll(): Promise<void> {
  const waiting: Receipt[] = [];
  for (const [i, id] of ['before', 'during', 'not-taken', 'held'].entries()) {
    const receipt = await attemptedTwice(id, i);
    await stranger.tell(receipt, 'RETRYING', '1.x');
    waiting.push(receipt);
  }
  const late = await attemptedTwice('held-late', waiting.length);
  const [toldBefore, told, notTaken] = waiting;
  assert.ok(toldBefore && told && notTaken);
  await stranger.callBack(toldBefore, '1.y');
  await eventOf(system, 'before', 'SENT');

  await system.startSender();
  await sendThrough(system, 'same-number');
  for (const id of ['during', 'not-taken', 'held', 'held-late'])
    assert.equal(settlings(id), 0, `${id} is in doubt`);
  await stranger.callBack(told, '1.y');
  await stranger.tell(notTaken, 'RETRYING', '1.y');
  await stranger.tell(late, 'RETRYING', '1.x');
}

test('a callback for 1.y that came before the sender proves that it was taken', () =>
  isSettledAsTaken('before'));

test('a callback for 1.y ends the doubt at once', async () => {
  await isSettledAsTaken('during');
  assert.equal(settlings('held'), 0, 'long before the grace is over');
});

test('word that 1.y was not taken either ends the doubt at once: the message is sent', async () => {
  const accepted = await eventOf(system, 'not-taken', 'ACCEPTED');
  assert.deepEqual([accepted.attempt, accepted.http_status], [2, 201]);
  assert.equal(callsOf(system, 'not-taken').length, 1);
  assert.equal(settlings('held'), 0, 'long before the grace is over');
});

test('without word of 1.y the message is held, whatever became of 1.x', () => isHeld('held'));

test('so it is when word of 1.x comes while both are in doubt', () => isHeld('held-late'));

test('each is settled once', () => {
  for (const id of ['before', 'during', 'not-taken', 'held', 'held-late']) assert.equal(settlings(id), 1, id);
});
