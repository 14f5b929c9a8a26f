import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callbackEventId, senderEventId } from './event-id.ts';

// The expected ids were computed with Python's hashlib and base64, by the words of the contract.

test('the id of a sender event is that of its message, attempt and status', () => {
  const fact = { messageId: 'm-1', attemptId: '1-a', status: 'ACCEPTED' } as const;
  assert.equal(senderEventId(fact), '-DeqlznR6cr8hz1id5Kg1A');
  assert.equal(senderEventId({ ...fact, attemptId: null, status: 'REFUSED' }), '9QwcDkmBEhsZ4Rdz1go0rQ');
});

test('the id of a callback event is that of its message, attempt, session and code', () => {
  const fact = { messageId: 'm-1', attemptId: '1-a', sessionId: 's-1', code: 2 };
  assert.equal(callbackEventId(fact), 'mBSqq1j8ehrjoPRxv15M5A');
});

test('what is null is an empty line', () => {
  const fact = { messageId: null, attemptId: null, sessionId: 's-1', code: null };
  assert.equal(callbackEventId(fact), 'bI6JggGv69T96vDWFAzTIw');
});
