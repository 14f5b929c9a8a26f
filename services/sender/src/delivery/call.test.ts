import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type CallResult, createCaller } from './call.ts';

const request = { path: '/send', headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
const yes = () => true;

async function listen(t: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function post(t: TestContext, baseUrl: string, mayLeave = yes, timeoutMs = 2_000): Promise<CallResult> {
  const caller = createCaller({ baseUrl, timeoutMs, connections: 1 });
  t.after(() => caller.close());
  return caller.post(request, mayLeave);
}

const answering = (listener: RequestListener) => createHttpServer(listener);

test('an answer comes with its status, body and Retry-After; the path of the base URL is kept', async (t) => {
  const seen: string[] = [];
  const url = await listen(
    t,
    answering((req, res) => {
      seen.push(`${req.method} ${req.url}`);
      res.writeHead(429, { 'retry-after': '3' }).end('{"message":"slow down"}');
    }),
  );
  const result = await post(t, `${url}/base/`);
  assert.ok(result.kind === 'answered');
  assert.deepEqual(
    [result.httpStatus, result.body, result.retryAfter],
    [429, '{"message":"slow down"}', '3'],
  );
  assert.deepEqual(seen, ['POST /base/send']);
});

test('a refused connection was surely not sent', async (t) => {
  const url = await listen(t, createServer());
  const closed = createServer();
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const result = await post(t, url.replace(/\d+$/, String(port)));
  assert.ok(result.kind === 'not-sent');
  assert.equal(result.cause, 'connection');
  assert.match(result.why, /ECONNREFUSED/);
});

test('what may no longer leave when the connection is there is withdrawn, and the server sees no byte', async (t) => {
  const bytes: Buffer[] = [];
  const url = await listen(
    t,
    createServer((socket) => socket.on('data', (data) => bytes.push(data))),
  );
  const result = await post(t, url, () => false);
  assert.deepEqual([result.kind, 'cause' in result && result.cause], ['not-sent', 'withdrawn']);
  assert.equal(bytes.length, 0);
});

test('a connection that is closed after the request left gives no answer', async (t) => {
  const url = await listen(
    t,
    createServer((socket) => socket.once('data', () => socket.destroy())),
  );
  assert.equal((await post(t, url)).kind, 'no-answer');
});

test('a server that never answers is given up after the time-out, as no answer', async (t) => {
  const url = await listen(
    t,
    createServer(() => {}),
  );
  const result = await post(t, url, yes, 100);
  assert.ok(result.kind === 'no-answer');
  assert.match(result.why, /100 ms|HEADERS_TIMEOUT/);
});

test('an answer that is cut off keeps its status and has no body', async (t) => {
  const url = await listen(
    t,
    createServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"session')),
    ),
  );
  const result = await post(t, url);
  assert.ok(result.kind === 'answered');
  assert.deepEqual([result.httpStatus, result.body], [201, null]);
});

test('an answer without end is cut off', async (t) => {
  const url = await listen(
    t,
    answering((_req, res) => res.writeHead(201).end('x'.repeat(200_000))),
  );
  const result = await post(t, url);
  assert.ok(result.kind === 'answered');
  assert.equal(result.body, null);
});

test('over TLS nothing but HTTP/1.1 is offered: with HTTP/2 undici posts again what a server refuses', async (t) => {
  const hello = Promise.withResolvers<Buffer>();
  const url = await listen(
    t,
    createServer((socket) => {
      socket.once('data', (bytes) => {
        hello.resolve(bytes);
        socket.destroy();
      });
    }),
  );
  const result = await post(t, url.replace('http:', 'https:'));
  assert.equal(result.kind, 'not-sent');
  // The list of protocols, each behind its length (RFC 7301).
  const offered = (await hello.promise).toString('latin1');
  assert.ok(offered.includes('\x08http/1.1') && !offered.includes('\x02h2'));
});
