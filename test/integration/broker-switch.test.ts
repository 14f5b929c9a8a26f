/** A broker of our own that is ended as by `kill -9` and started again. Nothing is doubled. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createKafka } from '@whatsapp-stream/kafka';
import { type Stack, StackError, startStack } from '@whatsapp-stream/stack';
import { quiet } from '../support/callback-ingest.ts';

const START_WITHIN_MS = 180_000;

async function startOwn(t: TestContext, reports: string[]): Promise<Stack | undefined> {
  const { KAFKA_BROKERS: _, SCHEMA_REGISTRY_URL: __, ...env } = process.env;
  try {
    const report = (line: string) => void reports.push(line);
    const stack = await startStack({ env: { ...env, KAFKA_STACK: 'java' }, report });
    t.after(() => stack.stop());
    return stack;
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    t.skip(error.message);
    return undefined;
  }
}

test('a broker that is killed comes back at its address with its data', {
  timeout: START_WITHIN_MS,
}, async (t) => {
  const reports: string[] = [];
  const stack = await startOwn(t, reports);
  if (stack === undefined) return;
  assert.ok(stack.broker);
  const kafka = createKafka({ brokers: [stack.brokers], clientId: 'broker-switch-test', log: quiet });
  const before = await kafka.admin();
  await before.createTopic({ topic: 'kept', partitions: 1, replicationFactor: 1, config: {} });
  await before.close();
  const producer = await kafka.producer();
  await producer.send([{ topic: 'kept', key: 'a', value: Buffer.from('1') }]);
  await producer.close();

  for (const round of [1, 2]) {
    await stack.broker.kill();
    await assert.rejects(kafka.ping(), `round ${round}`);
    const startedAt = performance.now();
    await stack.broker.start();
    await stack.broker.start();
    t.diagnostic(`back after ${Math.round(performance.now() - startedAt)} ms`);
    const admin = await kafka.admin();
    assert.deepEqual(await admin.offsets('kept'), new Map([[0, { low: 0, high: 1 }]]));
    await admin.close();
  }
  await stack.stop();
  assert.deepEqual(
    reports.filter((line) => line.includes('unexpectedly')),
    [],
  );
});
