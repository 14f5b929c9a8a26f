import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_TOPIC_NAMES, laneOf, topicSpecs } from './topics.ts';

const table = topicSpecs(DEFAULT_TOPIC_NAMES).map((spec) => [
  spec.topic,
  spec.event,
  spec.subject,
  spec.partitions,
]);

test('the table of topics is that of the contract, lanes by urgency first', () => {
  assert.deepEqual(table, [
    ['whatsapp.send.otp', 'SendRequest', 'whatsapp.send.otp-value', 6],
    ['whatsapp.send.transactional', 'SendRequest', 'whatsapp.send.transactional-value', 6],
    ['whatsapp.send.marketing', 'SendRequest', 'whatsapp.send.marketing-value', 6],
    ['whatsapp.status', 'StatusEvent', 'whatsapp.status-value', 12],
    ['whatsapp.send.dlq', null, null, 3],
    ['whatsapp.control', null, null, 1],
  ]);
});

test('retention, time stamps and clean-up are those of the contract', () => {
  const byRole = new Map(topicSpecs(DEFAULT_TOPIC_NAMES).map((spec) => [spec.role, spec.config]));
  assert.equal(byRole.get('lane')?.['retention.ms'], '604800000');
  assert.equal(byRole.get('status')?.['retention.ms'], '2592000000');
  assert.equal(byRole.get('dead-letter')?.['retention.ms'], '2592000000');
  assert.equal(byRole.get('control')?.['cleanup.policy'], 'compact');
  assert.equal(byRole.get('lane')?.['message.timestamp.type'], 'LogAppendTime');
  assert.equal(byRole.get('status')?.['message.timestamp.type'], 'LogAppendTime');
  assert.equal(byRole.get('control')?.['message.timestamp.type'], 'LogAppendTime');
  assert.equal(byRole.get('dead-letter')?.['message.timestamp.type'], 'LogAppendTime');
});

test('what a lane takes fits into the topics that are written from it', () => {
  const maxBytes = (role: string) =>
    Number(topicSpecs(DEFAULT_TOPIC_NAMES).find((spec) => spec.role === role)?.config['max.message.bytes']);
  assert.ok(maxBytes('dead-letter') > maxBytes('lane'));
  assert.ok(maxBytes('status') > maxBytes('lane'));
});

test('a lane is called by the last segment of its topic', () => {
  assert.equal(laneOf('whatsapp.send.otp'), 'otp');
  assert.equal(laneOf('otp'), 'otp');
});
