/**
 * The whole journey: published, sent, called back, read. Kafka, the registry and both services are real; Verihubs
 * is the simulator. Observed are the status log and what the simulator saw.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';

const stack = await useStack();
let system: System;
before(async () => {
  system = await startSystem(stack);
  await system.startSender();
});
after(() => system?.stop());

const template = { name: 'otp_login', langCode: 'id', bodyParams: ['123456'] };

test('a message is published, attempted, accepted, delivered and read', async () => {
  await system.publisher.send({ lane: 'otp', messageId: 'm-1', msisdn: '628001', template });
  await system.until((events) => events.some(({ status }) => status === 'READ'));
  const statuses = system.events.filter((event) => event.message_id === 'm-1').map(({ status }) => status);
  assert.deepEqual(new Set(statuses), new Set(['ATTEMPTED', 'ACCEPTED', 'SENT', 'DELIVERED', 'READ']));
});
