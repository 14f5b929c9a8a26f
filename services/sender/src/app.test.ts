/** Doubled: Kafka and the registry. Observed: how a sender ends that is asked to before it could start. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Admin, ExclusiveConsumer, Kafka } from '@whatsapp-stream/kafka';
import type { SchemaRegistry } from '@whatsapp-stream/schemas';
import { createLogger, readSettings } from '@whatsapp-stream/service-kit';
import { startSender } from './app.ts';
import { senderSettings } from './config.ts';

const unused = () => assert.fail('a start does not use this');

test('a sender that cannot join the group yet stops when it is asked to, and has not failed', async () => {
  const joining = Promise.withResolvers<void>();
  const joins = Promise.withResolvers<void>();
  const consumer: ExclusiveConsumer = {
    start() {
      joins.resolve();
      return joining.promise;
    },
    pause: unused,
    resume: unused,
    holdsLease: () => false,
    commit: unused,
    stop: async () => joining.reject(new Error('the consumer was stopped')),
  };
  const admin: Admin = {
    createTopic: unused,
    addPartitions: unused,
    describeTopic: async () => ({ partitions: 1, replicationFactor: 1, config: {} }),
    brokerCount: unused,
    offsets: async () => new Map([[0, { low: 0, high: 0 }]]),
    offsetsAt: async () => new Map([[0, 0]]),
    committed: async () => new Map(),
    close: async () => {},
  };
  const kafka: Kafka = {
    ping: async () => {},
    producer: async () => ({ send: unused, close: async () => {} }),
    admin: async () => admin,
    readTopic: async () => ({ positions: () => new Map([[0, 0]]), close: async () => {} }),
    sharedConsumer: unused,
    readRange: unused,
    exclusiveConsumer: () => consumer,
  };
  const registry: SchemaRegistry = {
    idOf: async () => 1,
    schemaById: unused,
    register: unused,
    setCompatibility: unused,
    getCompatibility: unused,
    ping: async () => {},
  };
  const read = readSettings(senderSettings, {
    KAFKA_BROKERS: 'none:1',
    SCHEMA_REGISTRY_URL: 'http://none',
    VERIHUBS_APP_ID: 'app',
    VERIHUBS_API_KEY: 'key',
    CALLBACK_BASE_URL: 'http://none',
    CALLBACK_SIGNING_KEYS: 'k1:0123456789abcdef0123456789abcdef',
    ADMIN_HOST: '127.0.0.1',
    ADMIN_PORT: '0',
  });
  assert.ok(read.ok);
  const log = createLogger('app-test', 'silent');
  const service = await startSender({ config: read.values, log, kafka, registry });
  let failed = false;
  service.failed.catch(() => {
    failed = true;
  });
  await joins.promise;
  await service.stop();
  assert.equal(failed, false);
});
