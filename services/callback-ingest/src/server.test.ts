import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { RequestOutcome } from './answers.ts';
import type { Outcome, ReceivedCallback } from './journey.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { createCallbackServer } from './server.ts';

const PROBLEM = 'application/problem+json; charset=utf-8';
const accepted: Outcome = { kind: 'accepted', status: 'SENT' };

/** Doubled: the journey. Observed: what reaches it, what is counted, what is answered. */
function setUp(t: TestContext, receive = async (): Promise<Outcome> => accepted, limits?: ServerLimits) {
  const received: ReceivedCallback[] = [];
  const outcomes: string[] = [];
  const faults: Error[] = [];
  const server = createCallbackServer({
    receive: (callback) => {
      received.push(callback);
      return receive();
    },
    answered: (outcome: RequestOutcome) =>
      outcomes.push('reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind),
    failed: (error) => faults.push(error),
    ...(limits ? { limits } : {}),
  });
  t.after(() => server.close());
  return { server, received, outcomes, faults };
}

async function listen(server: ReturnType<typeof setUp>['server']): Promise<Socket> {
  await server.listen({ host: '127.0.0.1', port: 0 });
  const address = server.server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const socket = connect(address.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

async function textUntilEnd(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('token, query, content type and body reach the journey as they came', async (t) => {
  const { server, received } = setUp(t);
  const token = 'x'.repeat(1_000);
  const response = await server.inject({
    method: 'POST',
    url: `/callbacks/${token}?session_id=a%20b&status=1`,
    headers: { 'content-type': 'application/json' },
    payload: '{"__proto__":{},"status":2}',
  });
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['cache-control'], 'no-store');
  assert.deepEqual(received, [
    {
      token,
      query: 'session_id=a%20b&status=1',
      contentType: 'application/json',
      body: '{"__proto__":{},"status":2}',
    },
  ]);
});

test('the route without a token has none, with or without a slash at its end', async (t) => {
  const { server, received } = setUp(t);
  for (const url of ['/callbacks?status=1', '/callbacks/?status=1']) {
    assert.equal((await server.inject({ method: 'GET', url })).statusCode, 200);
  }
  assert.deepEqual(
    received.map(({ token, query, body }) => ({ token, query, body })),
    Array(2).fill({ token: undefined, query: 'status=1', body: undefined }),
  );
});

const answers: readonly [Outcome, number][] = [
  [{ kind: 'unauthorized', reason: 'UNKNOWN_KEY' }, 401],
  [{ kind: 'malformed', reason: 'STATUS_MISSING' }, 400],
  [{ kind: 'unavailable', reason: 'KAFKA_LATE' }, 503],
];
for (const [outcome, status] of answers) {
  test(`${outcome.kind} is answered ${status} as a problem`, async (t) => {
    const { server, outcomes } = setUp(t, async () => outcome);
    const response = await server.inject({ method: 'GET', url: '/callbacks/t' });
    assert.equal(response.statusCode, status);
    assert.equal(response.headers['content-type'], PROBLEM);
    assert.equal(response.json().status, status);
    assert.equal(response.json().reason, outcome.kind === 'malformed' ? outcome.reason : undefined);
    assert.equal(response.headers['retry-after'], outcome.kind === 'unavailable' ? '5' : undefined);
    assert.equal(outcomes.length, 1);
  });
}

test('what is no callback is refused with the right status, and nothing is received', async (t) => {
  const { server, received, outcomes } = setUp(t);
  const tooLarge = 'x'.repeat(SERVER_LIMITS.bodyBytes + 1);
  const cases = [
    ['GET', '/', undefined, 404, 'refused NOT_FOUND'],
    ['POST', '/other', tooLarge, 404, 'refused NOT_FOUND'],
    ['GET', '/callbacks/a/b', undefined, 404, 'refused NOT_FOUND'],
    ['HEAD', '/callbacks/t', undefined, 405, 'refused METHOD_NOT_ALLOWED'],
    ['PUT', '/callbacks/t?status=1', '{}', 405, 'refused METHOD_NOT_ALLOWED'],
    ['DELETE', '/callbacks', undefined, 405, 'refused METHOD_NOT_ALLOWED'],
    ['OPTIONS', '/callbacks/', undefined, 405, 'refused METHOD_NOT_ALLOWED'],
    ['POST', '/callbacks/t', tooLarge, 413, 'refused BODY_TOO_LARGE'],
    ['GET', '/callbacks/%zz', undefined, 400, 'refused BAD_REQUEST'],
  ] as const;
  for (const [method, url, payload, status, outcome] of cases) {
    const headers = { 'content-type': 'application/json' };
    const response = await server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    assert.equal(response.statusCode, status, `${method} ${url}`);
    assert.equal(response.headers['content-type'], PROBLEM, `${method} ${url}`);
    assert.equal(response.headers.allow, status === 405 ? 'GET, POST' : undefined);
    assert.equal(outcomes.pop(), outcome);
  }
  assert.deepEqual(received, []);
  assert.deepEqual(outcomes, []);
});

test('a fault of ours is answered 500, told to us, and not to the caller', async (t) => {
  const { server, faults, outcomes } = setUp(t, () => Promise.reject(new Error('inner secret')));
  const response = await server.inject({ method: 'GET', url: '/callbacks/t' });
  assert.equal(response.statusCode, 500);
  assert.ok(!response.body.includes('secret'));
  assert.equal(faults[0]?.message, 'inner secret');
  assert.deepEqual(outcomes, ['failed']);
});

test('a body of an unknown or broken type is for the journey to judge, or refused', async (t) => {
  const { server, received } = setUp(t);
  const post = (type: string) =>
    server.inject({ method: 'POST', url: '/callbacks/t', headers: { 'content-type': type }, payload: 'x' });
  assert.equal((await post('application/xml')).statusCode, 200);
  assert.equal(received[0]?.contentType, 'application/xml');
  assert.equal((await post('no type at all')).statusCode, 400);
});

test('bytes that are no HTTP, and headers that are too large, get a problem and a closed connection', async (t) => {
  for (const [bytes, status, outcome] of [
    ['nonsense\r\n\r\n', 400, 'refused BAD_REQUEST'],
    [`GET /callbacks/${'x'.repeat(9_000)} HTTP/1.1\r\n\r\n`, 431, 'refused HEADERS_TOO_LARGE'],
  ] as const) {
    const { server, outcomes } = setUp(t);
    const socket = await listen(server);
    socket.write(bytes);
    const answer = await textUntilEnd(socket);
    assert.match(
      answer,
      new RegExp(`^HTTP/1.1 ${status} .*application/problem\\+json.*"status":${status}`, 's'),
    );
    assert.deepEqual(outcomes, [outcome]);
  }
});

test('a request that arrives too slowly is cut', async (t) => {
  for (const start of ['GET /callb', 'POST /callbacks/t HTTP/1.1\r\ncontent-length: 9\r\n\r\nhalf']) {
    const limits = { ...SERVER_LIMITS, headersTimeoutMs: 50, requestTimeoutMs: 100 };
    const { server, outcomes, received } = setUp(t, undefined, limits);
    const socket = await listen(server);
    socket.write(start);
    await textUntilEnd(socket);
    assert.ok(outcomes.includes('refused TOO_SLOW'), `${start}: ${outcomes}`);
    assert.deepEqual(received, []);
  }
});

test('closing lets what runs end, then closes every connection', async (t) => {
  const work = Promise.withResolvers<Outcome>();
  const { server, received } = setUp(t, () => work.promise);
  const closing = Promise.withResolvers<void>();
  server.addHook('preClose', async () => closing.resolve());
  const busy = await listen(server);
  const silent = connect(busy.remotePort ?? 0, '127.0.0.1');
  await once(silent, 'connect');
  busy.write('GET /callbacks/t?status=1 HTTP/1.1\r\n\r\n');
  await once(server.server, 'request');
  const closed = server.close();
  await closing.promise;
  work.resolve(accepted);
  assert.match(await textUntilEnd(busy), /^HTTP\/1.1 200 .*connection: close.*recorded/is);
  await textUntilEnd(silent);
  await closed;
  assert.equal(received.length, 1);
});
