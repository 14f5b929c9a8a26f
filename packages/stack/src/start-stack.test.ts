import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StackError } from './stack.ts';
import { startStack } from './start-stack.ts';

test('a given cluster is taken as it is', async () => {
  const stack = await startStack({ env: { KAFKA_BROKERS: 'a:1,b:2', SCHEMA_REGISTRY_URL: 'http://c:3/' } });
  assert.equal(stack.kind, 'given');
  assert.equal(stack.brokers, 'a:1,b:2');
  assert.equal(stack.registryUrl, 'http://c:3');
  await stack.stop();
  await stack.stop();
});

test('a given cluster needs a given registry', async () => {
  await assert.rejects(
    startStack({ env: { KAFKA_BROKERS: 'a:1' } }),
    (error) => error instanceof StackError && /SCHEMA_REGISTRY_URL must be set/.test(error.message),
  );
});

test('a way that does not exist is answered with those that do, also beside a given cluster', async () => {
  for (const more of [{}, { KAFKA_BROKERS: 'a:1', SCHEMA_REGISTRY_URL: 'http://c:3' }]) {
    await assert.rejects(
      startStack({ env: { KAFKA_STACK: 'podman', ...more } }),
      /KAFKA_STACK is "podman"; it can be "docker" or "java"/,
    );
  }
});

test('Java that is forced and missing is told with what to install', async () => {
  await assert.rejects(
    startStack({ env: { KAFKA_STACK: 'java', PATH: '' } }),
    /by KAFKA_STACK=java \(java: no java .*Install Docker, or Java 17 or newer and Maven/,
  );
});
