import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupMessages } from './message-grouping.ts';

const metadata = (count: number) =>
  Array.from({ length: count }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
const messages = ['4', '1', '0', '7', '2', '6'].map((key) => ({ key, value: null }));

test('messages go to the partitions that are chosen for them, in their order', () => {
  const groups = groupMessages({
    topic: 't',
    partitionMetadata: metadata(3),
    messages,
    partitioner: ({ message, partitionMetadata }) => Number(message.key) % partitionMetadata.length,
  });
  const keys = Object.fromEntries(
    Object.entries(groups).map(([partition, of]) => [partition, of.map(({ key }) => key)]),
  );
  assert.deepEqual(keys, { 0: ['0', '6'], 1: ['4', '1', '7'], 2: ['2'] });
});

test('of a topic without partitions there are no groups, and nobody is asked', () => {
  const partitioner = () => assert.fail();
  assert.deepEqual(groupMessages({ topic: 't', partitionMetadata: [], messages, partitioner }), {});
});
