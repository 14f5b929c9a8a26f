import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfter } from './retry-after.ts';

const NOW = '2026-11-22T10:00:00.250Z';

test('Retry-After is told in seconds or as an HTTP date that is not sooner', () => {
  assert.deepEqual(retryAfter(3, 'seconds', NOW), { headers: { 'retry-after': '3' } });
  assert.deepEqual(retryAfter(3, 'date', NOW), {
    headers: { 'retry-after': 'Sun, 22 Nov 2026 10:00:04 GMT' },
  });
});

test('where there is none to tell there is no header', () => {
  for (const none of [null, undefined]) assert.deepEqual(retryAfter(none, 'date', NOW), {});
});
