import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPlacement } from './placement.ts';

const metadata = (count: number) =>
  Array.from({ length: count }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));

for (const key of [null, 'a key']) {
  test(`a message ${key === null ? 'without' : 'with'} a key keeps its partition when it is placed again`, () => {
    const placement = createPlacement();
    const place = placement.createPartitioner();
    const message = { key, value: Buffer.from('x') };
    const first = place({ topic: 't', partitionMetadata: metadata(3), message });
    for (const count of [3, 3, 6, 12]) {
      assert.equal(place({ topic: 't', partitionMetadata: metadata(count), message }), first);
    }
    assert.equal(placement.partitionOf(message), first);
  });
}

test('messages without a key are spread over the partitions', () => {
  const place = createPlacement().createPartitioner();
  const partitions = Array.from({ length: 6 }, () =>
    place({ topic: 't', partitionMetadata: metadata(3), message: { key: null, value: null } }),
  );
  assert.deepEqual(new Set(partitions), new Set([0, 1, 2]));
});
