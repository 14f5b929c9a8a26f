import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterOptions, clusterOf } from './cluster.ts';

const registry = 'http://localhost:8081';
const brokers = ['localhost:9092'];

test('a cluster that is not told, or told wrongly, is refused in words of the options', () => {
  const faulty: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /options must be an object/],
    [{}, /brokers must be .*; registry must be/],
    [{ registry, brokers: 'localhost:9092' }, /brokers must be an array of host:port/],
    [{ registry, brokers: [] }, /brokers must be/],
    [{ registry, brokers: ['localhost'] }, /brokers must be/],
    [{ registry, brokers: ['http://localhost:9092'] }, /brokers must be/],
    [{ registry, brokers, kafka: {} }, /brokers or kafka, not both/],
    [
      { registry, brokers, topics: { lanes: 'otp', status: 1 } },
      /topics.lanes must be.*topics.status must be/,
    ],
  ];
  for (const [options, fault] of faulty) {
    assert.throws(() => clusterOf(options as ClusterOptions), { name: 'TypeError', message: fault });
  }
});

test('brokers go by name or address, with a port', () => {
  const { topics } = clusterOf({
    registry,
    brokers: ['kafka-1.example:9092', '127.0.0.1:9092', '[::1]:9092'],
    topics: { status: 'other.status' },
  });
  assert.equal(topics.status, 'other.status');
  assert.equal(topics.lanes.length, 3);
});
