import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import type { World } from './world.ts';

const PING_WITHIN_MS = 6_000;

export function connectionContract(inWorld: () => World): void {
  test('ping resolves when a broker answers', () => inWorld().newKafka().ping());

  test('ping names the address where nobody listens, within a few seconds', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = addressOf(server.address());
    await new Promise((resolve) => server.close(resolve));
    await assertPingFails(inWorld(), address);
  });

  test('a producer and questions name the address where nobody listens', async () => {
    const kafka = inWorld().newKafka(['127.0.0.1:1']);
    const unavailable = { name: 'KafkaUnavailableError', message: /127\.0\.0\.1:1/ };
    await Promise.all([
      assert.rejects(kafka.producer(), unavailable),
      assert.rejects(kafka.admin(), unavailable),
    ]);
  });

  test('ping resolves when one of the brokers answers, whichever it is', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = addressOf(server.address());
    await new Promise((resolve) => server.close(resolve));
    const { newKafka, brokers } = inWorld();
    await newKafka([address, ...brokers]).ping();
    await newKafka([...brokers, address]).ping();
  });

  test('ping names the address where somebody listens and never answers, within a few seconds', async (t) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    await assertPingFails(inWorld(), addressOf(server.address()));
  });
}

function addressOf(address: AddressInfo | string | null): string {
  assert.ok(address !== null && typeof address === 'object');
  return `127.0.0.1:${address.port}`;
}

async function assertPingFails(world: World, address: string): Promise<void> {
  const startedAt = performance.now();
  await assert.rejects(world.newKafka([address]).ping(), (error: Error) => error.message.includes(address));
  assert.ok(performance.now() - startedAt < PING_WITHIN_MS);
}
