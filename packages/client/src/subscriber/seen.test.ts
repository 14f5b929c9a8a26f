import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeen } from './seen.ts';

test('the latest ids are remembered, as many as there is room for', () => {
  const seen = createSeen(3);
  for (const id of ['a', 'b', 'c', 'a', 'd']) seen.add(id);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((id) => seen.has(id)),
    [true, false, true, true],
  );
});
