import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGuard } from './guard.ts';

test('a handler that throws ends the consumer with its error as the cause, and the caller goes on', () => {
  const ends: Error[] = [];
  const guard = createGuard((error) => ends.push(error));
  const fault = new RangeError('offset out of bounds');
  guard(() => {
    throw fault;
  });
  guard(() => undefined);
  assert.deepEqual(
    ends.map(({ cause }) => cause),
    [fault],
  );
});
