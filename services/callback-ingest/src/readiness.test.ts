import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readiness } from './readiness.ts';

const circumstances = (missing: readonly string[], kafka: string | null, spool: string | null) => ({
  missing: () => missing,
  kafkaTrouble: () => kafka,
  spool: () => ({ trouble: spool }),
});

test('ready while either Kafka or the spool keeps callbacks', () => {
  const fine = circumstances([], null, null);
  assert.deepEqual(readiness(false, fine), { ok: true, degraded: [] });
  assert.deepEqual(readiness(false, circumstances([], 'no leader', null)), {
    ok: true,
    degraded: ['Kafka: no leader'],
  });
  assert.deepEqual(readiness(false, circumstances([], null, 'no room')), {
    ok: true,
    degraded: ['spool: no room'],
  });
  assert.deepEqual(readiness(false, circumstances(['Kafka at x'], null, null)), {
    ok: true,
    degraded: ['waiting for Kafka at x'],
  });
});

test('not ready when neither does, or when it stops', () => {
  assert.deepEqual(readiness(false, circumstances(['the topic'], 'late', 'no room')), {
    ok: false,
    problems: ['waiting for the topic', 'Kafka: late', 'spool: no room'],
  });
  assert.deepEqual(readiness(true, circumstances([], null, null)), { ok: false, problems: ['stopping'] });
});
