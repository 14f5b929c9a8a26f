import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { connectRegistry } from './registry.ts';
import { RegistryUnavailableError, SchemaNotFoundError, SchemaRefusedError } from './registry-errors.ts';

const SUBJECT = 'whatsapp.status-value';
const SCHEMA = '{"type":"string"}';
const TIMEOUT_MS = 300;

/** A server that answers as told; what it was asked is in `requests`, as `METHOD path body`. */
async function serve(t: TestContext, answer: RequestListener) {
  const requests: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    requests.push(`${request.method} ${request.url} ${body}`);
    headers.push(request.headers);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    requests,
    headers,
    url,
    server,
    registry: connectRegistry({ url: `${url}/`, timeoutMs: TIMEOUT_MS }),
  };
}

function json(status: number, body: unknown) {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify(body));
  };
}

const notFound = (code: number) => json(404, { error_code: code, message: 'not found' });

test('the id of our schema is looked up by its very text', async (t) => {
  const { registry, requests } = await serve(t, json(200, { id: 42, subject: SUBJECT, version: 1 }));
  assert.equal(await registry.idOf(SUBJECT, SCHEMA), 42);
  assert.deepEqual(requests, [`POST /subjects/${SUBJECT} ${JSON.stringify({ schema: SCHEMA })}`]);
});

test('a schema that is not registered is not found, and the error says what to do', async (t) => {
  for (const code of [40401, 40403]) {
    const { registry, url } = await serve(t, notFound(code));
    await assert.rejects(registry.idOf(SUBJECT, SCHEMA), (error: Error) => {
      assert.ok(error instanceof SchemaNotFoundError);
      for (const part of [url, SUBJECT, 'npm run setup'])
        assert.ok(error.message.includes(part), error.message);
      return true;
    });
  }
});

test('the text of a schema is found by its id', async (t) => {
  const { registry, requests } = await serve(t, json(200, { schema: SCHEMA }));
  assert.equal(await registry.schemaById(42), SCHEMA);
  assert.deepEqual(requests, ['GET /schemas/ids/42 ']);
});

test('only the code 40403 means that there is no schema with an id', async (t) => {
  await assert.rejects((await serve(t, notFound(40403))).registry.schemaById(1), SchemaNotFoundError);
  for (const code of [404, 40401, 50001]) {
    await assert.rejects((await serve(t, notFound(code))).registry.schemaById(1), RegistryUnavailableError);
  }
});

test('an id that no registry can have is not found without asking', async (t) => {
  const { registry, requests } = await serve(t, json(500, {}));
  for (const id of [2 ** 31, 2 ** 32 - 1, -1, 1.5])
    await assert.rejects(registry.schemaById(id), SchemaNotFoundError);
  assert.deepEqual(requests, []);
});

const UNCLEAR: Readonly<Record<string, RequestListener>> = {
  'an error of the server': json(500, { error_code: 50001, message: 'backend' }),
  'an overloaded proxy': (_, response) => response.writeHead(503).end('<html>'),
  'a 404 of something else': (_, response) => response.writeHead(404).end('<html>not here</html>'),
  'a 404 with JSON of something else': json(404, { status: 404, title: 'no such resource' }),
  'a refused login': json(401, { error_code: 401, message: 'Unauthorized' }),
  'a redirect': (_, response) => response.writeHead(302, { location: '/login' }).end(),
  'garbage with a success': (_, response) => response.end('garbage'),
  'another JSON with a success': json(200, { hello: 'world' }),
  'null with a success': json(200, null),
  'no answer in time': () => {},
  'an answer that never ends': (_, response) => void response.writeHead(200).write('{'),
  'an answer that breaks off': (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{', () => response.destroy());
  },
  'a connection that breaks off': (request) => void request.socket.destroy(),
};

for (const [name, answer] of Object.entries(UNCLEAR)) {
  test(`${name} is no clear answer to anything`, async (t) => {
    const { registry, url } = await serve(t, answer);
    const asked = {
      idOf: registry.idOf(SUBJECT, SCHEMA),
      schemaById: registry.schemaById(1),
      register: registry.register(SUBJECT, SCHEMA),
      getCompatibility: registry.getCompatibility(SUBJECT),
      ping: registry.ping(),
    };
    const settled = await Promise.allSettled(Object.values(asked));
    for (const outcome of settled) {
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof RegistryUnavailableError);
      assert.ok(outcome.reason.message.includes(url), outcome.reason.message);
    }
  });
}

test('a refused connection is no clear answer, and the error names the code', async (t) => {
  const { registry, server } = await serve(t, json(200, {}));
  server.close();
  await once(server, 'close');
  await assert.rejects(registry.ping(), { name: 'RegistryUnavailableError', message: /ECONNREFUSED/ });
  await assert.rejects(registry.idOf(SUBJECT, SCHEMA), {
    name: 'RegistryUnavailableError',
    message: /ECONNREFUSED/,
  });
});

test('what takes longer than the time-out is given up', async (t) => {
  const { registry } = await serve(t, () => {});
  const started = performance.now();
  await assert.rejects(registry.schemaById(1), { message: /no answer within 300 ms/ });
  assert.ok(performance.now() - started < 10 * TIMEOUT_MS);
});

test('a schema is registered once', async (t) => {
  const registered = new Map<string, number>();
  const { registry, requests } = await serve(t, (request, response) => {
    const creates = request.url?.endsWith('/versions');
    if (creates) registered.set(SUBJECT, 5);
    const id = registered.get(SUBJECT);
    (id === undefined ? notFound(40401) : json(200, { id }))(request, response);
  });
  assert.deepEqual(await registry.register(SUBJECT, SCHEMA), { id: 5, created: true });
  assert.deepEqual(await registry.register(SUBJECT, SCHEMA), { id: 5, created: false });
  assert.equal(requests.filter((request) => request.includes('/versions')).length, 1);
});

test('a schema that the registry will not take is refused with its reason', async (t) => {
  for (const [status, code] of [
    [409, 409],
    [422, 42201],
  ] as const) {
    const { registry } = await serve(t, (request, response) => {
      const answer = request.url?.endsWith('/versions')
        ? json(status, { error_code: code, message: 'why' })
        : notFound(40403);
      answer(request, response);
    });
    await assert.rejects(registry.register(SUBJECT, SCHEMA), (error: Error) => {
      assert.ok(error instanceof SchemaRefusedError);
      assert.match(error.message, /why/);
      return true;
    });
  }
});

test('the compatibility of a subject is set and read', async (t) => {
  const { registry, requests } = await serve(t, json(200, { compatibilityLevel: 'FULL_TRANSITIVE' }));
  await registry.setCompatibility(SUBJECT, 'FULL_TRANSITIVE');
  assert.equal(await registry.getCompatibility(SUBJECT), 'FULL_TRANSITIVE');
  assert.deepEqual(requests, [
    `PUT /config/${SUBJECT} {"compatibility":"FULL_TRANSITIVE"}`,
    `GET /config/${SUBJECT} `,
  ]);
});

test('a subject without a compatibility of its own has none', async (t) => {
  assert.equal(await (await serve(t, notFound(40408))).registry.getCompatibility(SUBJECT), null);
});

test('a registry that lists its subjects is there', async (t) => {
  await (await serve(t, json(200, []))).registry.ping();
});

test('credentials are sent, from the URL or beside it, and are in no error', async (t) => {
  const { headers, url } = await serve(t, json(401, { error_code: 401, message: 'no' }));
  const withUser = url.replace('http://', 'http://user:s%40cret@');
  for (const options of [{ url: withUser }, { url, auth: { username: 'user', password: 's@cret' } }]) {
    const registry = connectRegistry(options);
    for (const asked of [registry.ping(), registry.idOf(SUBJECT, SCHEMA)]) {
      await assert.rejects(asked, (error: Error) => {
        assert.doesNotMatch(`${error.message} ${error.stack} ${String(error.cause)}`, /cret/);
        return true;
      });
    }
  }
  assert.ok(headers.length >= 4);
  const expected = `Basic ${Buffer.from('user:s@cret').toString('base64')}`;
  for (const { authorization } of headers) assert.equal(authorization, expected);
});

test('a URL that is not one of http is refused at once', () => {
  for (const url of ['', 'localhost:8081', 'ftp://localhost']) {
    assert.throws(() => connectRegistry({ url }), { name: 'TypeError', message: /http:\/\// });
  }
});
