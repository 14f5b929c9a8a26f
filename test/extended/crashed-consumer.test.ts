/**
 * A sender whose consumer cannot go on: while it is stopped (SIGSTOP) for longer than its session, a program that
 * uses the name of its group for something else takes the group, and no member of ours is let in any more. The
 * sender is a process of its own, Kafka and the foreign program are real. Observed: the exit code.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '@whatsapp-stream/service-kit';
import kafkajs from 'kafkajs';
import { ownProcesses } from '../support/processes.ts';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';

const ENDS_WITHIN_MS = 30_000;
const stack = await useStack();
const processes = ownProcesses();
let system: System;
before(async () => {
  system = await startSystem(stack, { env: { SENDER_SESSION_TIMEOUT_MS: '6000' } });
});
after(async () => {
  await system?.stop();
  await processes[Symbol.asyncDispose]();
});

/** Waits until the group has no member, then takes it with an ordinary consumer. */
async function takeGroup(group: string, topic: string): Promise<() => Promise<void>> {
  const brokers = stack.brokers.split(',');
  const client = new kafkajs.Kafka({ brokers, clientId: 'foreign', logLevel: kafkajs.logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  while ((await admin.describeGroups([group])).groups[0]?.state !== 'Empty') await sleep(100);
  await admin.disconnect();
  const consumer = client.consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.run({ eachMessage: async () => {} });
  return () => consumer.disconnect();
}

test('a sender whose consumer ended for good ends with an exit code that says so', async (t) => {
  const [topic = ''] = system.names.lanes;
  const sender = await processes.sender('crashed-consumer', system.env);
  sender.signal('SIGSTOP');
  t.after(() => sender.signal('SIGCONT'));
  t.after(await takeGroup(system.names.group, topic));
  sender.signal('SIGCONT');
  const how = await Promise.race([sender.ended, sleep(ENDS_WITHIN_MS, 'still alive', { ref: false })]);
  assert.equal(how, EXIT.software);
  assert.match(readFileSync(sender.logFile, 'utf8'), /the consumer ended for good/);
});
