/** What our adapter over kafkajs costs while nothing happens, against a real broker. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createKafka } from '@whatsapp-stream/kafka';
import { useStack } from '../../support/stack.ts';

const CLIENT = fileURLToPath(new URL('idle-client.ts', import.meta.url));
const IDLE_MS = 10_000;
const MAX_SHARE_OF_A_CORE = 0.01;
const none = () => undefined;

test('a consumer, a reader and a producer that idle take next to no CPU', async () => {
  const { brokers } = await useStack();
  const name = `idle-${randomBytes(6).toString('hex')}`;
  const log = { debug: none, info: none, warn: none, error: none };
  const admin = await createKafka({ brokers: brokers.split(','), clientId: 'idle-set-up', log }).admin();
  await admin.createTopic({ topic: name, partitions: 1, replicationFactor: 1, config: {} });
  await admin.close();
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = [CLIENT, brokers, name, name, String(IDLE_MS)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const share = Number(stdout) / IDLE_MS;
  assert.ok(share < MAX_SHARE_OF_A_CORE, `${(share * 100).toFixed(1)} % of a core`);
});
