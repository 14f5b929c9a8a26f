/**
 * The wall clock is set back by an hour while messages wait. The sender has a clock of the test's; all is real but
 * Verihubs. Observed: when the next call comes, by the simulator's monotonic clock.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '@whatsapp-stream/service-kit';
import type { Fault } from '@whatsapp-stream/verihubs-simulator';
import { useStack } from '../../support/stack.ts';
import { type System, startSystem } from '../../support/system.ts';
import { callsOf, eventOf, newMessage, settableClock, startByClock } from './support.ts';

const HOUR_MS = 3_600_000;
const RETRY_AFTER_S = 2;
/** A back-off of ours, the pace and a busy machine. */
const LATE_MS = 5_000;

const stack = await useStack();
let system: System;
before(async () => {
  system = await startSystem(stack, { env: { VERIHUBS_TIMEOUT_MS: '500', DOUBT_GRACE_MS: '10500' } });
});
after(() => system?.stop());

/** Publishes a message whose first call meets the fault. */
async function publish(id: string, number: number, fault: Fault): Promise<void> {
  const { faults } = system.verihubs.control.settings();
  const message = newMessage('transactional', id, number);
  system.verihubs.control.setFaults({ rules: [...faults.rules, { fault, msisdn: message.msisdn, next: 1 }] });
  await system.publisher.send(message);
}

/** How long after its first call the message's second one came. */
function callsApartMs(id: string): number {
  const [first, second] = callsOf(system, id);
  assert.ok(first && second);
  return second.receivedMs - first.receivedMs;
}

const putOff: Fault = { kind: 'status', status: 429, retryAfterSeconds: RETRY_AFTER_S };

function assertInTime(id: string): void {
  const apart = callsApartMs(id);
  assert.ok(
    apart >= RETRY_AFTER_S * 1_000 && apart < RETRY_AFTER_S * 1_000 + LATE_MS,
    `${id}: ${apart} ms apart`,
  );
}

for (const [name, shiftMs] of [
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
] as const) {
  test(`a retry and the end of a doubt come in their time when the clock is set ${name} by an hour`, async (t) => {
    const { clock, shift } = settableClock();
    await startByClock(t, system, clock);
    const [retried, held] = [`retried-${name}`, `held-${name}`];
    const number = shiftMs > 0 ? 10 : 20;
    await publish(retried, number, putOff);
    await publish(held, number + 1, { kind: 'timeout', taken: false });
    await eventOf(system, retried, 'RETRYING');
    shift(shiftMs);
    await eventOf(system, retried, 'ACCEPTED');
    assertInTime(retried);
    await eventOf(system, held, 'IN_DOUBT');
  });
}

test('a sender whose clock is an hour behind takes a retry over in its time', async (t) => {
  const first = await startByClock(t, system, systemClock);
  await publish('taken-over', 30, putOff);
  await eventOf(system, 'taken-over', 'RETRYING');
  await first.stop();
  const { clock, shift } = settableClock();
  shift(-HOUR_MS);
  await startByClock(t, system, clock);
  await eventOf(system, 'taken-over', 'ACCEPTED');
  assertInTime('taken-over');
});
