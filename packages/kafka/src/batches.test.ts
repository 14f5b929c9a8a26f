import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBatches } from './batches.ts';
import type { NewRecord } from './port.ts';

function records(count: number, bytes = 1): readonly NewRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    topic: 'x.otp',
    key: `${i}`,
    value: Buffer.alloc(bytes),
  }));
}

test('batches are bounded by number and by size, and hold everything in order', () => {
  const sizes = (some: readonly NewRecord[]) =>
    [...inBatches(some, 500_000, 200)].map((batch) => batch.length);
  assert.deepEqual(sizes(records(450)), [200, 200, 50]);
  assert.deepEqual(sizes(records(3, 200_000)), [2, 1]);
  assert.deepEqual(sizes([...records(1), ...records(1, 1_000_000), ...records(1)]), [1, 1, 1]);
  const baggage = 'x'.repeat(8_000);
  const traced = records(100).map((record) => ({ ...record, headers: { baggage } }));
  assert.deepEqual(sizes(traced), [62, 38], 'headers count where they are large');
  assert.deepEqual([...inBatches(records(450), 500_000, 200)].flat(), records(450));
});
