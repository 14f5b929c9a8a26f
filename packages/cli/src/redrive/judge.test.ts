import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { type Decoded, newSendRequest, newTemplate, type SendRequest } from '@whatsapp-stream/schemas';
import { isMeantUnread, judge, type Target } from './judge.ts';
import type { Choice } from './options.ts';

const NOW = 1_000;
const CHOICE: Choice = {
  from: 0,
  to: Number.POSITIVE_INFINITY,
  lane: null,
  source: null,
  template: null,
  messageId: null,
};
const RECORD: KafkaRecord = {
  topic: 'x.otp',
  partition: 0,
  offset: 3,
  timestamp: 0,
  key: Buffer.from('m'),
  value: Buffer.from('bytes'),
  headers: { traceparent: 't', redrive_of: 'before', redrive_attempts: '9', redrive_not_before: '5' },
};
const TARGET: Target = { place: RECORD, topic: 'x.otp', of: 'e', attempts: 4, messageId: 'm' };
const UNDECODABLE = { ok: false, code: 'UNDECODABLE', text: '' } as const;

function decoded(more: Partial<SendRequest> = {}, unknownFields = false): Decoded<SendRequest> {
  const template = newTemplate({ name: 'sale', lang_code: 'id' });
  const request = { message_id: 'm', msisdn: '628001', template, requested_at: 0, source: 'shop', ...more };
  return { ok: true, value: newSendRequest(request), schemaId: 1, unknownFields };
}

function verdict(of: Decoded<SendRequest> | null, more: Partial<Choice> = {}, undecodable = false) {
  return judge(TARGET, of && RECORD, of, { choice: { ...CHOICE, ...more }, undecodable }, NOW);
}

test('the original is published as it was, and the headers tell what it answers now', () => {
  const headers = { traceparent: 't', redrive_of: 'e', redrive_attempts: '4' };
  const { key, value } = RECORD;
  assert.deepEqual(verdict(decoded()), { kind: 'redrive', record: { topic: 'x.otp', key, value, headers } });
});

test('what is not there any more, or is another message, is left out', () => {
  const gone = { kind: 'leave-out', why: 'gone' };
  assert.deepEqual(verdict(null), gone);
  assert.deepEqual(verdict(decoded({ message_id: 'other' })), gone);
});

test('at its expiry and after it a message is too late', () => {
  assert.deepEqual(verdict(decoded({ expires_at: NOW })), { kind: 'leave-out', why: 'expired' });
  assert.equal(verdict(decoded({ expires_at: NOW + 1 })).kind, 'redrive');
});

test('what a sender would put aside again is left out, unless it is asked for', () => {
  for (const unfit of [UNDECODABLE, decoded({ template: null }, true)]) {
    assert.deepEqual(verdict(unfit), { kind: 'leave-out', why: 'undecodable' });
    assert.equal(verdict(unfit, {}, true).kind, 'redrive');
  }
});

test('only what fits all that was given is meant', () => {
  const fitting = { lane: 'otp', source: 'shop', template: 'sale', messageId: 'm' };
  assert.equal(verdict(decoded(), fitting).kind, 'redrive');
  for (const name of ['lane', 'source', 'template', 'messageId'] as const) {
    assert.equal(verdict(decoded(), { ...fitting, [name]: 'other' }).kind, 'not-meant', name);
  }
});

test('of what cannot be read, only lane and key can fit', () => {
  const isMeant = (more: Partial<Choice>) => isMeantUnread({ ...CHOICE, ...more }, RECORD, 'x.otp');
  assert.ok(isMeant({ lane: 'otp', messageId: 'm' }));
  for (const more of [{ lane: 'bulk' }, { messageId: 'n' }, { source: 'shop' }, { template: 'sale' }]) {
    assert.ok(!isMeant(more), JSON.stringify(more));
  }
});
