/**
 * A replica loses its turn in the middle of a call that is answered slowly, and writes the outcome when another one
 * has taken over and found the attempt in doubt. All is real but Verihubs, which calls nobody back: the late outcome
 * is the only word there is. Observed: the status log, and at the receiving end that there is no second call.
 */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { foldEvents } from '@whatsapp-stream/schemas';
import type { RunningService } from '@whatsapp-stream/service-kit';
import { startKafkaProxy } from '../../support/kafka-proxy.ts';
import { ownProcesses } from '../../support/processes.ts';
import { useStack } from '../../support/stack.ts';
import { type System, startSystem } from '../../support/system.ts';
import {
  allCommitted,
  arrived,
  callsOf,
  eventOf,
  eventsOf,
  factsOf,
  newMessage,
  replicaOf,
  sendThrough,
} from './support.ts';

const stack = await useStack();
const processes = ownProcesses();
let system: System;
afterEach(() => system?.stop());
after(() => processes[Symbol.asyncDispose]());

/** The first calls of these messages are answered after `answerMs`. */
async function start(env: Readonly<Record<string, string>>, answerMs: number): Promise<void> {
  const rules = [1, 2].map((number) => ({
    fault: { kind: 'latency', minMs: answerMs, maxMs: answerMs } as const,
    msisdn: newMessage('', '', number).msisdn,
    next: 1,
  }));
  system = await startSystem(stack, {
    env: { SENDER_SESSION_TIMEOUT_MS: '6000', ...env },
    verihubs: {
      limit: { maxRequestsPerSecond: 1_000 },
      faults: { latency: null, rules },
      callbacks: { lossProbability: 1 },
    },
  });
}

test('within the grace it ends the doubt: the message is neither held nor sent again', async (t) => {
  await start({ VERIHUBS_TIMEOUT_MS: '40000', DOUBT_GRACE_MS: '60000' }, 3_000);
  const sleeper = await processes.sender('sleeper', system.env);
  const other = await processes.sender('other', system.env);
  await system.publisher.send(newMessage('transactional', 'order', 1));
  await system.publisher.send(newMessage('otp', 'code', 2));
  await arrived(system, 'order', 'code');
  t.after(() => sleeper.signal('SIGCONT'));
  sleeper.signal('SIGSTOP');
  const makers = await sendThrough(system, 'meanwhile');
  for (const id of ['order', 'code']) {
    assert.deepEqual(
      eventsOf(system, id).map(({ status }) => status),
      ['ATTEMPTED'],
      'in doubt',
    );
    assert.ok(!makers.has(replicaOf(eventsOf(system, id)[0]?.attempt_id)), 'by another replica');
  }

  sleeper.signal('SIGCONT');
  for (const id of ['order', 'code']) {
    const accepted = await eventOf(system, id, 'ACCEPTED');
    const [attempted] = eventsOf(system, id);
    assert.deepEqual([accepted.attempt_id, accepted.http_status], [attempted?.attempt_id, 201]);
  }
  // Long before the grace is over.
  await allCommitted(system);
  await sendThrough(system, 'afterwards');
  for (const id of ['order', 'code']) {
    assert.equal(callsOf(system, id).length, 1);
    assert.equal(factsOf(system, id, 'ATTEMPTED'), 1);
    assert.equal(factsOf(system, id, 'ACCEPTED', 'IN_DOUBT'), 1);
  }
  await Promise.all([sleeper.stop(), other.stop()]);
});

test('after the grace it is late evidence: the message was held, and counts as accepted', async (t) => {
  await start({ VERIHUBS_TIMEOUT_MS: '3000', DOUBT_GRACE_MS: '13000' }, 2_000);
  const way = await startKafkaProxy(stack.brokers);
  t.after(() => way.cut());
  const cutOff: RunningService = await system.startSender({ KAFKA_BROKERS: way.address });
  const active = await sendThrough(system, 'before');
  const other = await processes.sender('holder', system.env);
  await system.publisher.send(newMessage('transactional', 'order', 1));
  await arrived(system, 'order');
  await way.cut();
  const held = await eventOf(system, 'order', 'IN_DOUBT', 60_000);
  const [attempted] = eventsOf(system, 'order');
  assert.deepEqual([held.attempt, held.attempt_id], [1, attempted?.attempt_id]);
  const makers = await sendThrough(system, 'meanwhile');
  assert.ok(active.has(replicaOf(held.attempt_id)) && !makers.has(replicaOf(held.attempt_id)));

  await way.restore();
  const accepted = await eventOf(system, 'order', 'ACCEPTED', 60_000);
  assert.deepEqual([accepted.attempt_id, accepted.http_status], [attempted?.attempt_id, 201]);
  await sendThrough(system, 'afterwards');
  await allCommitted(system);
  const state = foldEvents(eventsOf(system, 'order'));
  assert.deepEqual([state?.status, state?.settled], ['ACCEPTED', true]);
  assert.deepEqual(
    (['ATTEMPTED', 'IN_DOUBT', 'ACCEPTED', 'RETRYING'] as const).map((status) =>
      factsOf(system, 'order', status),
    ),
    [1, 1, 1, 0],
  );
  assert.equal(callsOf(system, 'order').length, 1);
  await cutOff.stop();
  await other.stop();
});
