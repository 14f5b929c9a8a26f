import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSendRequest, newTemplate } from '@whatsapp-stream/schemas';
import { type AdmissionInput, admit } from './admit.ts';

const request = newSendRequest({
  message_id: 'm-1',
  msisdn: '628123456789',
  template: newTemplate({ name: 'otp_login', lang_code: 'id' }),
  requested_at: 1_000,
});
const input: AdmissionInput = {
  request,
  unknownFields: false,
  standing: { kind: 'fresh' },
  now: 2_000,
};

test('a valid message of which nothing is known is delivered from its first attempt', () => {
  assert.deepEqual(admit(input), { kind: 'deliver', attempts: 0, notBefore: 0 });
});

test('what is settled is not sent again', () => {
  assert.deepEqual(admit({ ...input, standing: { kind: 'settled' } }), { kind: 'known' });
});

test('an attempt without outcome, or one that was taken, is not tried again', () => {
  const doubt = { kind: 'doubt', attempts: 1, attemptId: '1.a' } as const;
  const taken = { kind: 'taken', attempt: 1, attemptId: '1.a' } as const;
  for (const standing of [doubt, taken]) assert.deepEqual(admit({ ...input, standing }), standing);
});

test('a message in doubt does not end as expired', () => {
  const standing = { kind: 'doubt', attempts: 1, attemptId: '1.a' } as const;
  assert.equal(admit({ ...input, request: { ...request, expires_at: 1 }, standing }).kind, 'doubt');
});

test('a retry goes on with its count and its time', () => {
  const standing = { kind: 'retrying', attempts: 3, retryAt: 9_000 } as const;
  assert.deepEqual(admit({ ...input, standing }), { kind: 'deliver', attempts: 3, notBefore: 9_000 });
});

test('at expires_at it is too late, a millisecond before it is not', () => {
  const at = (expires_at: number) => admit({ ...input, request: { ...request, expires_at } });
  assert.deepEqual(at(2_000), { kind: 'expire', attempts: 0 });
  assert.deepEqual(at(1_500), { kind: 'expire', attempts: 0 });
  assert.equal(at(2_001).kind, 'deliver');
});

test('every fault of a request is in the reason, the phone number is not', () => {
  const msisdn = '+628123456789';
  const refused = admit({
    ...input,
    request: { ...request, msisdn, template: newTemplate({ name: '', lang_code: '' }) },
  });
  assert.ok(refused.kind === 'refuse');
  assert.match(refused.reason, /msisdn.*template.*lang_code/s);
  assert.ok(!refused.reason.includes('8123456789'));
});

test('without a template it is refused, unless a newer schema may hold something else', () => {
  assert.equal(admit({ ...input, request: { ...request, template: null } }).kind, 'refuse');
  assert.equal(
    admit({ ...input, request: { ...request, template: null }, unknownFields: true }).kind,
    'newer',
  );
});
