import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSendRequest, newTemplate } from './types.generated.ts';
import { faultsOf } from './validate.ts';

const valid = newSendRequest({
  message_id: 'order-17:otp',
  msisdn: '6281234567890',
  requested_at: 1_000,
  template: newTemplate({ name: 'otp_login', lang_code: 'id', body_params: ['123456'] }),
});

test('a valid request has no faults', () => {
  assert.deepEqual(faultsOf(valid), []);
  assert.deepEqual(faultsOf({ ...valid, expires_at: 0 }), []);
});

test('a message_id is 1 to 128 characters of its alphabet', () => {
  for (const message_id of ['', 'a'.repeat(129), 'a b', 'a\n', 'ä']) {
    assert.equal(faultsOf({ ...valid, message_id }).length, 1, JSON.stringify(message_id));
  }
  assert.deepEqual(faultsOf({ ...valid, message_id: 'a'.repeat(128) }), []);
});

test('an msisdn is 6 to 15 digits, not starting with 0', () => {
  for (const msisdn of [
    '',
    '12345',
    '1234567890123456',
    '0812345678',
    '+62812345678',
    '628123456\n',
    '６２８１２３',
  ]) {
    assert.equal(faultsOf({ ...valid, msisdn }).length, 1, JSON.stringify(msisdn));
  }
  for (const msisdn of ['628001', '123456789012345']) assert.deepEqual(faultsOf({ ...valid, msisdn }), []);
});

test('all faults are told at once', () => {
  const template = newTemplate({ name: '', lang_code: '' });
  assert.equal(faultsOf({ ...valid, message_id: '', msisdn: '', template }).length, 4);
  assert.deepEqual(faultsOf({ ...valid, template: null }), [
    'template is missing: it is the only kind of content that can be sent',
  ]);
});

test('no fault tells the number or a parameter', () => {
  const template = newTemplate({
    name: '',
    lang_code: '',
    header_params: ['secret-1'],
    body_params: ['secret-2'],
  });
  const told = faultsOf({ ...valid, message_id: '?', msisdn: '+628999', template }).join();
  assert.doesNotMatch(told, /628999|secret/);
});
