/** Services in a wrong or an incomplete environment, as processes: what they say, and how they end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setUp } from '@whatsapp-stream/cli';
import { createKafka } from '@whatsapp-stream/kafka';
import { connectRegistry } from '@whatsapp-stream/schemas';
import { senderSettings, startSender } from '@whatsapp-stream/sender';
import { createLogger } from '@whatsapp-stream/service-kit';
import { startKafkaProxy } from '../support/kafka-proxy.ts';
import { useStack } from '../support/stack.ts';
import { ownNames, serviceEnv, settingsFrom } from '../support/system.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const stack = await useStack();
const log = createLogger('test', 'silent');

for (const service of ['sender', 'callback-ingest']) {
  test(`${service}: a wrong environment is told whole, in one message, with exit code 78`, () => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [`${PROJECT}services/${service}/src/main.ts`],
      {
        env: {
          KAFKA_BROKERS: 'nowhere',
          ADMIN_PORT: '70000',
          CALLBACK_SIGNING_KEYS: 'k1:short',
          LOG_LEVEL: 'loud',
        },
        encoding: 'utf8',
      },
    );
    assert.equal(status, 78);
    assert.equal(stdout, '');
    for (const name of [
      'KAFKA_BROKERS',
      'SCHEMA_REGISTRY_URL',
      'ADMIN_PORT',
      'CALLBACK_SIGNING_KEYS',
      'LOG_LEVEL',
    ]) {
      assert.match(stderr, new RegExp(`- ${name}`));
    }
    assert.doesNotMatch(stderr, /k1:short|at .*\.ts:/);
  });
}

test('sender: a broker and topics that are not there are waited for; /readyz tells which', async () => {
  const names = ownNames();
  const broker = await startKafkaProxy(stack.brokers);
  await broker.cut();
  after(() => broker.cut());
  const sender = await startSender({
    config: settingsFrom(senderSettings, {
      ...serviceEnv({ ...stack, brokers: broker.address }, names, 'http://127.0.0.1:1'),
      CALLBACK_BASE_URL: 'http://127.0.0.1:1',
      ADMIN_PORT: '0',
    }),
    log,
  });
  const readyz = async () => {
    const answer = await fetch(`http://127.0.0.1:${sender.adminPort}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  const until = async (pattern: RegExp | number) => {
    for (;;) {
      const { status, text } = await readyz();
      if (typeof pattern === 'number' ? status === pattern : pattern.test(text)) return;
    }
  };
  await until(new RegExp(`waiting for Kafka at ${broker.address}`));
  assert.equal((await fetch(`http://127.0.0.1:${sender.adminPort}/livez`)).status, 200);
  await broker.restore();
  await until(/waiting for the topics/);
  const kafka = createKafka({ brokers: stack.brokers.split(','), clientId: 'test', log });
  await setUp({ kafka, registry: connectRegistry({ url: stack.registryUrl }), names, replicationFactor: 1 });
  await until(200);
  await sender.stop();
});
