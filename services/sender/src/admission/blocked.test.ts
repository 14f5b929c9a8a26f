import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBlockedRecipients } from './blocked.ts';

test('a recipient is not called until its time is over, others are', () => {
  const blocked = createBlockedRecipients(1_000);
  blocked.block('a', 5_000);
  assert.deepEqual(
    [4_999, 5_000, 5_999, 6_000].map((now) => blocked.has('a', now)),
    [true, true, true, false],
  );
  assert.equal(blocked.has('b', 5_000), false);
});

test('the latest word counts; an old one that is heard late does not shorten it', () => {
  const blocked = createBlockedRecipients(1_000);
  blocked.block('a', 5_000);
  blocked.block('a', 5_500);
  blocked.block('a', 4_000);
  assert.equal(blocked.has('a', 6_499), true);
  assert.equal(blocked.has('a', 6_500), false);
});

test('with no time to live nobody is blocked', () => {
  const blocked = createBlockedRecipients(0);
  blocked.block('a', 5_000);
  assert.equal(blocked.has('a', 5_000), false);
});

test('who is over is forgotten, and of too many the first', () => {
  const blocked = createBlockedRecipients(1_000, 2);
  for (const [recipient, now] of [
    ['a', 0],
    ['b', 1_500],
    ['c', 1_600],
  ] as const) {
    blocked.block(recipient, now);
  }
  assert.equal(blocked.size(), 2);
  blocked.block('d', 1_700);
  assert.deepEqual(
    ['b', 'c', 'd'].map((recipient) => blocked.has(recipient, 1_800)),
    [false, true, true],
  );
});
