import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '@whatsapp-stream/service-kit';
import { callbackIngestSettings } from './config.ts';

const least = {
  KAFKA_BROKERS: 'localhost:9092',
  SCHEMA_REGISTRY_URL: 'http://localhost:8081',
  CALLBACK_SIGNING_KEYS: 'k1:a-secret-of-enough-length,k0:an-older-secret-of-that-length',
};

test('brokers, registry and keys are enough', () => {
  const result = readSettings(callbackIngestSettings, least);
  assert.ok(result.ok);
  const { CALLBACK_PORT, CALLBACK_UNSIGNED, KAFKA_ACK_TIMEOUT_MS, ADMIN_PORT, STATUS_TOPIC } = result.values;
  assert.deepEqual(
    { CALLBACK_PORT, CALLBACK_UNSIGNED, KAFKA_ACK_TIMEOUT_MS, ADMIN_PORT, STATUS_TOPIC },
    {
      CALLBACK_PORT: 8080,
      CALLBACK_UNSIGNED: 'reject',
      KAFKA_ACK_TIMEOUT_MS: 1_000,
      ADMIN_PORT: 9465,
      STATUS_TOPIC: 'whatsapp.status',
    },
  );
  assert.deepEqual(
    result.values.CALLBACK_SIGNING_KEYS.map(({ id }) => id),
    ['k1', 'k0'],
  );
});

test('wrong keys are told with all other faults, and never shown', () => {
  const result = readSettings(callbackIngestSettings, {
    ...least,
    CALLBACK_SIGNING_KEYS: 'k1:hush',
    CALLBACK_PORT: '70000',
    CALLBACK_UNSIGNED: 'maybe',
  });
  assert.ok(!result.ok);
  assert.equal(result.faults.length, 3);
  assert.match(result.faults.join('\n'), /CALLBACK_SIGNING_KEYS: the secret of key k1 is shorter than/);
  assert.ok(!result.faults.join('\n').includes('hush'));
});
