import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSendRequest, newTemplate } from '@whatsapp-stream/schemas';
import { type AdmissionInput, admit } from './admit.ts';
import { NOTHING_MADE } from './progress.ts';

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
  redrive: null,
  mayBeTaken: false,
  cancelled: null,
  blocked: null,
  now: 2_000,
};

test('a valid message of which nothing is known is delivered from its first attempt', () => {
  assert.deepEqual(admit(input), { kind: 'deliver', progress: NOTHING_MADE, waitMs: 0 });
});

test('what is settled is not sent again', () => {
  assert.deepEqual(admit({ ...input, standing: { kind: 'settled' } }), { kind: 'known' });
});

const doubt = { kind: 'doubt', attempts: 2, attemptId: '1.a', lane: null, doubts: 1, putOff: 1 } as const;
const retrying = { kind: 'retrying', attempts: 3, putOff: 2, retryAt: 9_000, delayMs: 8_000 } as const;

test('an attempt without outcome, or one that was taken, is not tried again', () => {
  const taken = { kind: 'taken', attempt: 1, attemptId: '1.a' } as const;
  assert.deepEqual(admit({ ...input, standing: taken }), taken);
  const progress = { attempts: 2, putOff: 1, doubts: 1 };
  assert.deepEqual(admit({ ...input, standing: doubt }), { kind: 'doubt', progress, attemptId: '1.a' });
});

test('a message in doubt does not end as expired', () => {
  const expired = { ...request, expires_at: 1 };
  assert.equal(admit({ ...input, request: expired, standing: doubt }).kind, 'doubt');
});

test('a retry goes on with its counts and its time', () => {
  const progress = { attempts: 3, putOff: 2, doubts: 0 };
  assert.deepEqual(admit({ ...input, standing: retrying }), { kind: 'deliver', progress, waitMs: 7_000 });
});

test('a retry waits no longer than was meant, whatever the clocks say, and not at all once its time has passed', () => {
  const waitAt = (now: number) => {
    const admission = admit({ ...input, standing: retrying, now });
    return admission.kind === 'deliver' ? admission.waitMs : admission.kind;
  };
  assert.deepEqual([-3_600_000, 1_000, 8_999, 9_000, 3_600_000].map(waitAt), [8_000, 8_000, 1, 0, 0]);
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

const redrive = { of: 'e-1', attempts: 2, notBeforeMs: 2_500 };

test('a redrive goes on counting where the attempts before it ended, and not before its time', () => {
  const progress = { attempts: 2, putOff: 0, doubts: 0 };
  assert.deepEqual(admit({ ...input, redrive }), { kind: 'deliver', progress, waitMs: 500 });
  const wrongClock = { ...redrive, notBeforeMs: 1e12 };
  const waits = admit({ ...input, redrive: wrongClock });
  assert.ok(waits.kind === 'deliver' && waits.waitMs === 60_000);
});

test('a redrive of a message that may have been taken since is passed over, and so is one that is settled', () => {
  assert.deepEqual(admit({ ...input, redrive, mayBeTaken: true }), { kind: 'known' });
  assert.deepEqual(admit({ ...input, redrive, standing: { kind: 'settled' } }), { kind: 'known' });
});

test('a redrive that has expired since ends as EXPIRED, with its attempts', () => {
  const expired = { ...request, expires_at: 1_900 };
  assert.deepEqual(admit({ ...input, request: expired, redrive }), { kind: 'expire', attempts: 2 });
});

test('what an operator called back is cancelled; a doubt is resolved first', () => {
  const cancelled = { ...input, cancelled: 'wrong campaign' };
  assert.deepEqual(admit(cancelled), { kind: 'cancel', attempts: 0, reason: 'wrong campaign' });
  assert.equal(admit({ ...cancelled, standing: doubt }).kind, 'doubt');
});

test('a recipient that is blocked is refused without a call', () => {
  const blocked = { ...input, blocked: 'blocked' };
  assert.deepEqual(admit(blocked), { kind: 'refuse', attempts: 0, reason: 'blocked' });
  assert.equal(admit({ ...blocked, request: { ...request, expires_at: 1 } }).kind, 'expire');
});
