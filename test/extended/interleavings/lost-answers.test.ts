/**
 * Kafka hears what the sender writes, and the answers are lost, several times in the middle of its work. The sender
 * reaches the broker by a way that can lose answers; all else is real but Verihubs. Observed, by another way: the
 * status log, and at the receiving end that nothing is called twice.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { STATUSES, type StatusEvent } from '@whatsapp-stream/schemas';
import { type KafkaProxy, startKafkaProxy } from '../../support/kafka-proxy.ts';
import { messages } from '../../support/messages.ts';
import { useStack } from '../../support/stack.ts';
import { type System, startSystem } from '../../support/system.ts';
import { allCommitted } from './support.ts';

const MESSAGES = 1_000;
/** Long enough for what is under way to land. */
const LOST_FOR_MS = 300;
/** What is to land unheard, and so to be in the log twice, at least once each. */
const WANTED = ['ATTEMPTED', 'ACCEPTED'] as const;

const stack = await useStack();
let way: KafkaProxy;
let system: System;
before(async () => {
  way = await startKafkaProxy(stack.brokers);
  system = await startSystem(stack, {
    env: { SENDER_SESSION_TIMEOUT_MS: '6000', VERIHUBS_MAX_RPS: '100' },
    verihubs: {
      limit: { maxRequestsPerSecond: 1_000 },
      faults: { latency: { minMs: 20, maxMs: 200 } },
      callbacks: { lossProbability: 1 },
    },
  });
});
after(async () => {
  await system?.stop();
  await way?.cut();
});

const accepted = () =>
  new Set(system.events.filter(({ status }) => status === 'ACCEPTED').map(({ message_id }) => message_id))
    .size;

/** What is being written, and what comes next as long as it can, lands unheard; then the connections are gone. */
async function loseSome(): Promise<void> {
  way.loseAnswers();
  await pause(LOST_FOR_MS);
  await way.cut();
  await way.restore();
}

const twice = (status: StatusEvent['status']) => {
  const ids = system.events.filter((event) => event.status === status).map(({ event_id }) => event_id);
  return ids.length - new Set(ids).size;
};

test('what was written unheard is written again as the same fact, and nothing is called twice', async (t) => {
  await system.startSender({ KAFKA_BROKERS: way.address });
  await system.publisher.sendMany(messages('l', MESSAGES, { onDoubt: 'HOLD' }));
  while (!WANTED.every((status) => twice(status) > 0)) {
    const reached = accepted() + 50;
    assert.ok(reached < MESSAGES, 'nothing more to lose, and not both are in the log twice');
    await system.until(() => accepted() >= reached, 60_000);
    await loseSome();
  }
  await system.until(() => accepted() === MESSAGES, 90_000);
  await allCommitted(system);

  t.diagnostic(`in the log twice: ${WANTED.map((status) => `${status} ${twice(status)}`).join(', ')}`);
  for (const copies of Map.groupBy(system.events, ({ event_id }) => event_id).values()) {
    for (const copy of copies) assert.deepEqual(copy, copies[0]);
  }
  for (const [id, events] of Map.groupBy(system.events, ({ message_id }) => message_id)) {
    const settling = events.filter(({ status }) => STATUSES[status].settling);
    assert.equal(new Set(settling.map(({ event_id }) => event_id)).size, 1, `${id} is settled once`);
  }
  const { requests, taken, duplicates } = system.verihubs.control.stats();
  assert.deepEqual(
    { requests, taken, extra: duplicates.extraTakings },
    { requests: MESSAGES, taken: MESSAGES, extra: 0 },
  );
});
