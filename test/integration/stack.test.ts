import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { useStack } from '../support/stack.ts';

const START_WITHIN_MS = 180_000;
const GONE_WITHIN_MS = 20_000;

/** A program that starts a stack, tells where it is, and stays. */
const PROGRAM = `
  import { startStack } from ${JSON.stringify(import.meta.resolve('@whatsapp-stream/stack'))};
  const { brokers, registryUrl } = await startStack();
  console.log(brokers + ' ' + registryUrl);
  setInterval(() => {}, 1000);`;

async function isOpen(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function untilClosed(address: string): Promise<void> {
  const deadline = performance.now() + GONE_WITHIN_MS;
  while (await isOpen(address)) {
    assert.ok(performance.now() < deadline, `${address} still listens after ${GONE_WITHIN_MS} ms`);
    await sleep(100);
  }
}

let shared: Awaited<ReturnType<typeof useStack>>;
before(async () => {
  shared = await useStack();
});

test('broker and registry of the run answer', async () => {
  assert.equal(await isOpen(shared.brokers.split(',')[0] ?? ''), true);
  const answer = await fetch(`${shared.registryUrl}/subjects`);
  assert.equal(answer.status, 200);
});

test('a second stack has places of its own, and goes when its parent is killed', {
  timeout: START_WITHIN_MS,
}, async (t) => {
  const { KAFKA_BROKERS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: parent.stdout }), 'line');
  const [brokers = '', registryUrl = ''] = String(line).split(' ');
  assert.notEqual(brokers, shared.brokers);
  assert.equal(await isOpen(brokers), true);
  assert.equal((await fetch(`${registryUrl}/subjects`)).status, 200);

  parent.kill('SIGKILL');
  await Promise.all([untilClosed(brokers), untilClosed(new URL(registryUrl).host)]);
  assert.equal(await isOpen(shared.brokers.split(',')[0] ?? ''), true);
});
