import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN } from './colours.ts';
import { topicDifferences } from './set-up.ts';
import { table } from './set-up-table.ts';

const wanted = { partitions: 6, config: { 'retention.ms': '1000', 'cleanup.policy': 'delete' } };

test('a topic that is as asked has no differences; more partitions and other settings of its own are none', () => {
  const present = { partitions: 12, replicationFactor: 3, config: { ...wanted.config, 'segment.ms': '1' } };
  assert.deepEqual(topicDifferences(wanted, 3, present), []);
});

test('fewer partitions, other replication and other settings are each told', () => {
  const present = { partitions: 1, replicationFactor: 1, config: { 'retention.ms': '5' } };
  assert.deepEqual(topicDifferences(wanted, 3, present), [
    'has 1 partitions, should have 6',
    'has replication factor 1, should have 3',
    'has retention.ms=5, should have 1000',
    'has cleanup.policy=(not set), should have delete',
  ]);
});

test('the table is aligned, with the differences below their line', () => {
  const lines = table(
    {
      right: false,
      entries: [
        { what: 'topic', name: 'lane', outcome: { kind: 'created' } },
        {
          what: 'subject',
          name: 'lane-value',
          outcome: { kind: 'differs', differences: ['has a, should have b'] },
        },
      ],
    },
    PLAIN,
  );
  assert.deepEqual(lines, [
    'topic    lane        created',
    'subject  lane-value  differs',
    '           has a, should have b',
  ]);
});
