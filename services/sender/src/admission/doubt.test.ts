import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSendRequest } from '@whatsapp-stream/schemas';
import { doubtPolicy, MAX_DOUBTS } from './doubt.ts';

const request = newSendRequest({ message_id: 'm', msisdn: '628001', requested_at: 0 });

test('an otp is sent again out of doubt, the other lanes hold', () => {
  const policies = ['otp', 'transactional', 'marketing'].map((lane) => doubtPolicy(request, lane, 1));
  assert.deepEqual(policies, ['RESEND', 'HOLD', 'HOLD']);
});

test("the request's own wish goes before the lane's", () => {
  assert.equal(doubtPolicy({ ...request, on_doubt: 'HOLD' }, 'otp', 1), 'HOLD');
  assert.equal(doubtPolicy({ ...request, on_doubt: 'RESEND' }, 'marketing', 1), 'RESEND');
});

test('nothing is sent again without end', () => {
  assert.equal(doubtPolicy({ ...request, on_doubt: 'RESEND' }, 'otp', MAX_DOUBTS), 'HOLD');
});
