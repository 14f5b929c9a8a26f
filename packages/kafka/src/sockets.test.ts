import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { createSocketFactory } from './sockets.ts';

test('a socket that is closed and unrefed again and again is no reason for a warning', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  const socket = createSocketFactory()({ host: '127.0.0.1', port: address.port, ssl: {}, onConnect() {} });
  await once(socket, 'connect');
  socket.destroy();
  await once(socket, 'close');
  for (let i = 0; i < 20; i++) socket.unref();
  await new Promise(setImmediate);
  assert.deepEqual(warnings, []);
});
