import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError } from './command.ts';
import { connection } from './connection.ts';

const demo = { pid: 1, brokers: '127.0.0.1:9999', registryUrl: 'http://127.0.0.1:8888', startedAt: 0 };
const cluster = { KAFKA_BROKERS: 'a:1,b:2', SCHEMA_REGISTRY_URL: 'http://me:hush@registry:8081/x' };

test('the environment goes before a running demo', () => {
  const found = connection({ program: 'test', env: cluster, findDemo: () => demo });
  assert.equal(found.shownKafka, 'Kafka at a:1, b:2');
  assert.equal(found.shownRegistry, 'the schema registry at http://registry:8081/x');
  assert.equal(found.replicationFactor, 1);
});

test('a running demo is used, and said, where the environment names no cluster', () => {
  const notes: string[] = [];
  const note = (line: string) => notes.push(line);
  const found = connection({ program: 'test', env: {}, findDemo: () => demo, note });
  assert.equal(found.shownKafka, 'Kafka at 127.0.0.1:9999');
  assert.deepEqual(notes, ['using the demo that runs here: Kafka at 127.0.0.1:9999']);
});

test('with neither it is said what to do', () => {
  assert.throws(
    () => connection({ program: 'test', env: {}, findDemo: () => null }),
    (error) => error instanceof CommandError && error.exitCode === 78 && /npm start/.test(error.message),
  );
});

test('half a cluster is not completed by the demo, and all faults are told at once', () => {
  const env = { KAFKA_BROKERS: 'nonsense', KAFKA_REPLICATION_FACTOR: '0' };
  assert.throws(
    () => connection({ program: 'test', env, findDemo: () => demo }),
    (error) => {
      assert.ok(error instanceof CommandError);
      assert.equal(error.exitCode, 78);
      for (const name of ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'KAFKA_REPLICATION_FACTOR']) {
        assert.match(error.message, new RegExp(`- ${name}`));
      }
      return true;
    },
  );
});
