/**
 * Senders that are killed or stopped again and again while Verihubs goes wrong in every way. Senders are processes
 * of their own; all is real but Verihubs. Every message asks to be held when in doubt, so a second taking of any of
 * them is a fault of ours. Observed at the receiving end and in the status log.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { foldEvents, STATUSES } from '@whatsapp-stream/schemas';
import { messages } from '../support/messages.ts';
import { ownProcesses } from '../support/processes.ts';
import { seededRandom } from '../support/random.ts';
import { useStack } from '../support/stack.ts';
import { type System, startSystem, summary } from '../support/system.ts';

const MESSAGES = 1_300;
const RESTARTS = 6;
/** A seeded sequence, so that a run can be repeated. */
const SEED = Number(process.env['SEED'] ?? 7);

const stack = await useStack();
const processes = ownProcesses();
let system: System;
before(async () => {
  system = await startSystem(stack, {
    env: {
      SENDER_SESSION_TIMEOUT_MS: '6000',
      VERIHUBS_TIMEOUT_MS: '1000',
      DOUBT_GRACE_MS: '11000',
      VERIHUBS_MAX_RPS: '60',
    },
    verihubs: {
      seed: SEED,
      limit: { maxRequestsPerSecond: 1_000 },
      faults: {
        latency: { minMs: 20, maxMs: 200 },
        rules: [
          { fault: { kind: 'timeout', taken: true }, probability: 0.01 },
          { fault: { kind: 'timeout', taken: false }, probability: 0.01 },
          { fault: { kind: 'reset', taken: true }, probability: 0.01 },
          { fault: { kind: 'reset', taken: false }, probability: 0.01 },
          { fault: { kind: 'garbage' }, probability: 0.01 },
          { fault: { kind: 'status', status: 500 }, probability: 0.01 },
          // Each holds all sending back for a second, and slows it down.
          { fault: { kind: 'status', status: 429, retryAfterSeconds: 1 }, probability: 0.005 },
          { fault: { kind: 'status', status: 503, retryAfterSeconds: 1 }, probability: 0.01 },
        ],
      },
      callbacks: {
        delayMs: { minMs: 1, maxMs: 500 },
        order: 'shuffled',
        duplicateProbability: 0.1,
        lossProbability: 0.1,
      },
    },
  });
});
after(async () => {
  await system?.stop();
  await processes[Symbol.asyncDispose]();
});

test('through kills, stops and faults every message is settled once and none is taken twice', async (t) => {
  const next = seededRandom(SEED);
  await system.publisher.sendMany(messages('r', MESSAGES, { onDoubt: 'HOLD' }));
  let active = await processes.sender('restarts-0', system.env);
  for (let restart = 1; restart <= RESTARTS; restart++) {
    await sleep(1_000 + next() * 3_000);
    const signal = next() < 0.6 ? 'SIGKILL' : 'SIGTERM';
    active.signal(signal);
    const how = await active.ended;
    assert.equal(how, signal === 'SIGKILL' ? 'SIGKILL' : 0);
    active = await processes.sender(`restarts-${restart}`, system.env);
  }
  const settling = () =>
    new Set(
      system.events.filter(({ status }) => STATUSES[status].settling).map(({ message_id }) => message_id),
    ).size;
  await system.until(() => settling() === MESSAGES, 180_000);
  await active.stop();

  const { taken, duplicates } = system.verihubs.control.stats();
  t.diagnostic(`seed ${SEED}: ${taken} taken; ${summary(system.events)}`);
  assert.equal(duplicates.extraTakings, 0);
  const ends = [...Map.groupBy(system.events, ({ message_id }) => message_id)].map(([id, events]) => ({
    id,
    state: foldEvents(events),
    settlings: new Set(
      events.filter(({ status }) => STATUSES[status].settling).map(({ event_id }) => event_id),
    ).size,
  }));
  assert.deepEqual(ends.filter(({ state, settlings }) => !state?.settled || settlings !== 1).slice(0, 5), []);
  const accepted = new Set(
    system.events.filter(({ status }) => status === 'ACCEPTED').map(({ message_id }) => message_id),
  ).size;
  const held = new Set(
    system.events.filter(({ status }) => status === 'IN_DOUBT').map(({ message_id }) => message_id),
  ).size;
  assert.equal(accepted + held, MESSAGES);
  assert.ok(
    taken >= accepted && taken <= accepted + held,
    `${taken} taken, ${accepted} accepted, ${held} held`,
  );
});
