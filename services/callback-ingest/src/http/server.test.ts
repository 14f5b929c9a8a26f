import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Outcome } from '../journey.ts';
import { SERVER_LIMITS } from './limits.ts';
import { accepted, GOOD, listen, open, PROBLEM, setUp } from './test-support.ts';

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
  [{ kind: 'unavailable', reason: 'SPOOL_BROKEN' }, 503],
];
for (const [outcome, status] of answers) {
  test(`${outcome.kind} is answered ${status} as a problem`, async (t) => {
    const { server, outcomes } = setUp(t, { receive: async () => outcome });
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
  const { server, faults, outcomes } = setUp(t, { receive: () => Promise.reject(new Error('inner secret')) });
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
    const { socket, ended } = await open(t, await listen(server));
    socket.write(bytes);
    assert.match(
      await ended,
      new RegExp(`^HTTP/1.1 ${status} .*application/problem\\+json.*"status":${status}`, 's'),
    );
    assert.deepEqual(outcomes, [outcome]);
  }
});

test('closing lets what runs end, then closes every connection', async (t) => {
  const work = Promise.withResolvers<Outcome>();
  const { server, received } = setUp(t, { receive: () => work.promise });
  const closing = Promise.withResolvers<void>();
  server.addHook('preClose', async () => closing.resolve());
  const port = await listen(server);
  const busy = await open(t, port);
  const silent = await open(t, port);
  busy.socket.write(GOOD);
  await once(server.server, 'request');
  const closed = server.close();
  await closing.promise;
  work.resolve(accepted);
  assert.match(await busy.ended, /^HTTP\/1.1 200 .*connection: close.*recorded/is);
  assert.equal(await silent.ended, '');
  await closed;
  assert.equal(received.length, 1);
});
