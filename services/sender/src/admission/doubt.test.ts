import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSendRequest } from '@whatsapp-stream/schemas';
import { doubtPolicy, MAX_DOUBTS } from './doubt.ts';

const request = newSendRequest({ message_id: 'm', msisdn: '628001', requested_at: 0 });

test('an otp is sent again out of doubt, the other lanes hold', () => {
  const policies = ['otp', 'transactional', 'marketing'].map((lane) =>
    doubtPolicy(request, lane, { doubts: 1, attemptedIn: lane }),
  );
  assert.deepEqual(policies, ['RESEND', 'HOLD', 'HOLD']);
});

test("the request's own wish goes before the lane's", () => {
  const doubt = { doubts: 1, attemptedIn: null };
  assert.equal(doubtPolicy({ ...request, on_doubt: 'HOLD' }, 'otp', doubt), 'HOLD');
  assert.equal(doubtPolicy({ ...request, on_doubt: 'RESEND' }, 'marketing', doubt), 'RESEND');
});

test('what was attempted for a request in another lane is held, whatever this one wishes', () => {
  const doubt = { doubts: 1, attemptedIn: 'marketing' };
  assert.equal(doubtPolicy(request, 'otp', doubt), 'HOLD');
  assert.equal(doubtPolicy({ ...request, on_doubt: 'RESEND' }, 'otp', doubt), 'HOLD');
});

test('nothing is sent again without end', () => {
  assert.equal(
    doubtPolicy({ ...request, on_doubt: 'RESEND' }, 'otp', { doubts: MAX_DOUBTS, attemptedIn: 'otp' }),
    'HOLD',
  );
});
