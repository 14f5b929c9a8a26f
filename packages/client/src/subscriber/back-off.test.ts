import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseAfter } from './back-off.ts';

test('the pause doubles from the shortest to the longest, and stays there', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 2_000].map((attempt) =>
    pauseAfter(attempt, { minMs: 200, maxMs: 3_000 }),
  );
  assert.deepEqual(pauses, [200, 400, 800, 1_600, 3_000, 3_000, 3_000]);
});
