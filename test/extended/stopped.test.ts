/**
 * The active sender is stopped (SIGSTOP) for longer than its session, another one takes over, and then the first
 * wakes up in the middle of its work. Senders are processes of their own; all is real but Verihubs. Observed at the
 * receiving end: nothing is sent twice, nothing is lost.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callOf, makerOf } from '../support/calls.ts';
import { messages } from '../support/messages.ts';
import { ownProcesses } from '../support/processes.ts';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';

const MESSAGES = 1_200;
const stack = await useStack();
const processes = ownProcesses();
let system: System;
before(async () => {
  system = await startSystem(stack, {
    env: { SENDER_SESSION_TIMEOUT_MS: '6000', VERIHUBS_TIMEOUT_MS: '1000', DOUBT_GRACE_MS: '11000' },
    verihubs: {
      limit: { maxRequestsPerSecond: 1_000 },
      faults: { latency: { minMs: 20, maxMs: 200 } },
      callbacks: { outcomes: [{ codes: [1], weight: 1 }], delayMs: { minMs: 1, maxMs: 20 } },
    },
  });
});
after(async () => {
  await system?.stop();
  await processes[Symbol.asyncDispose]();
});

test('a sender that slept through its session sends nothing when it wakes', async () => {
  const sleeper = await processes.sender('sleeper', system.env);
  await system.publisher.sendMany(messages('s', MESSAGES, { onDoubt: 'HOLD' }));
  const ids = (...statuses: string[]) =>
    new Set(
      system.events.filter(({ status }) => statuses.includes(status)).map(({ message_id }) => message_id),
    ).size;
  const makers = () =>
    new Set(
      system.events
        .filter(({ status }) => status === 'ATTEMPTED')
        .map(({ attempt_id }) => makerOf(attempt_id ?? '')),
    );

  await system.until(() => ids('ACCEPTED') >= 100);
  const standBy = await processes.sender('stand-by', system.env);
  await system.until(() => ids('ACCEPTED') >= 200);
  const [first] = makers();
  sleeper.signal('SIGSTOP');
  await system.until(() => makers().size === 2, 60_000);
  const second = [...makers()].find((maker) => maker !== first);
  const attemptsOf = (maker: string | undefined) =>
    system.events.filter(
      ({ status, attempt_id }) => status === 'ATTEMPTED' && attempt_id?.endsWith(`.${maker}`),
    ).length;
  await system.until(() => attemptsOf(second) >= 50);
  const wokenAt = performance.now();
  sleeper.signal('SIGCONT');
  await system.until(() => ids('ACCEPTED', 'IN_DOUBT') === MESSAGES, 90_000);

  const { taken, duplicates } = system.verihubs.control.stats();
  assert.equal(duplicates.extraTakings, 0);
  assert.ok(taken >= ids('ACCEPTED') && taken <= MESSAGES);
  const late = system.verihubs.control
    .events()
    .filter((event) => event.type === 'request')
    .filter(({ receivedMs, callbackUrl }) => {
      const call = callOf(callbackUrl);
      return receivedMs > wokenAt && call !== null && makerOf(call.attemptId) === first;
    });
  assert.equal(late.length, 0, 'calls of the sleeper after it woke');
  await Promise.all([sleeper.stop(), standBy.stop()]);
});
