/** `npm run redrive` and a sender together: what ended badly is sent once more, once. Only Verihubs is simulated. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import { callOf } from '../support/calls.ts';
import { runCommand } from '../support/commands.ts';
import { messages } from '../support/messages.ts';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';

const MESSAGES = 12;
const stack = await useStack();
let system: System;
before(async () => {
  system = await startSystem(stack, {
    env: { RETRY_CALLBACKS: 'none' },
    verihubs: { callbacks: { delayMs: { minMs: 20, maxMs: 50 } } },
  });
  await system.startSender();
});
after(() => system?.stop());

const ended = (events: readonly StatusEvent[], status: string, attempt: number) =>
  new Set(events.filter((e) => e.status === status && e.attempt === attempt).map((e) => e.message_id)).size;

async function redrive(...args: readonly string[]): Promise<number> {
  const env = { ...process.env, ...system.env };
  const { code, stdout, stderr } = await runCommand('redrive', ['--from', '1h', '--json', ...args], env);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).redriven;
}

test('messages that ended by REFUSED and REJECTED are sent once more by a redrive, which can be repeated', async () => {
  const { control } = system.verihubs;
  control.setFaults({ rules: [{ fault: { kind: 'status', status: 400 }, next: MESSAGES / 2 }] });
  control.setCallbacks({ outcomes: [{ codes: [8], weight: 1 }] });
  await system.publisher.sendMany(messages('r', MESSAGES));
  await system.until((events) => ended(events, 'REFUSED', 1) + ended(events, 'REJECTED', 1) === MESSAGES);
  control.setCallbacks({ outcomes: [{ codes: [1, 2, 3], weight: 1 }] });

  assert.equal(await redrive('--status', 'REFUSED,REJECTED', '--dry-run'), MESSAGES);
  assert.equal(await redrive('--status', 'REFUSED,REJECTED'), MESSAGES);
  assert.equal(await redrive('--status', 'REFUSED,REJECTED'), 0);
  await system.until((events) => ended(events, 'READ', 2) === MESSAGES);
  assert.equal(await redrive('--status', 'REFUSED,REJECTED'), 0);

  const calls = control.events().flatMap((event) => (event.type === 'request' ? [event.callbackUrl] : []));
  const byMessage = Map.groupBy(calls, (url) => callOf(url)?.messageId);
  assert.deepEqual(new Set([...byMessage.values()].map((of) => of.length)), new Set([2]));
});
