/**
 * Requests left to chance, to a server that really listens. Real: the server and the journey with its token
 * check. Doubled: the keeping. Observed: the bytes that come back, and what would be kept.
 * `CALLBACK_FUZZ_RUNS` says how many of each kind are made.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { signToken } from '@whatsapp-stream/callback-token';
import fc from 'fast-check';
import { authenticate } from '../authenticate.ts';
import { receive } from '../journey.ts';
import type { KnownCallback } from '../record/status-event.ts';
import { GOOD, listen, open, SHORT_LIMITS, setUp, statusesIn } from './test-support.ts';

const RUNS = Number(process.env['CALLBACK_FUZZ_RUNS'] ?? 1_000);

const key = { id: 'k1', secret: 'a-secret-of-enough-length' };
const claims = { messageId: 'm1', attempt: 1, attemptId: '1.abc', issuedAtMs: 1_790_000_000_000 };
const TOKEN = signToken(key, claims);
/** Goes into every part of a request, and must come back in no answer. */
const MARK = 'zq7mark';
const DOCUMENTED = [200, 400, 401, 404, 405, 408, 413, 431];

/** @returns what sends bytes on a connection of their own, and all that came back until the server ended it */
async function startServer(t: TestContext) {
  const kept: KnownCallback[] = [];
  const steps = {
    authenticate: (token: string | undefined) =>
      authenticate({ keys: [key], unsigned: 'reject' }, token, claims.issuedAtMs),
    record: async (callback: KnownCallback) => {
      kept.push(callback);
      return { ok: true, status: 'SENT', keeper: 'kafka' } as const;
    },
  };
  const { server, faults } = setUp(t, {
    receive: (callback) => receive(steps, callback),
    limits: SHORT_LIMITS,
  });
  const port = await listen(server);
  async function exchange(...bytes: readonly (string | Uint8Array)[]): Promise<string> {
    const { socket, ended } = await open(t, port);
    for (const part of bytes) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
    socket.end();
    return ended;
  }
  return { exchange, kept, faults };
}

function checkAnswers(text: string): void {
  assert.ok(!text.includes(MARK), text);
  for (const answer of text.split(/(?=HTTP\/1\.1 \d{3} )/).filter((part) => part !== '')) {
    const [status = 0] = statusesIn(answer);
    if (status === 100) continue;
    assert.ok(DOCUMENTED.includes(status), answer);
    if (status !== 200) assert.match(answer, /content-type: application\/problem\+json/i);
  }
}

const flipped = fc.nat(TOKEN.length * 8 - 1).map((bit) => {
  const bytes = Buffer.from(TOKEN);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('latin1');
});
const token = fc.oneof(
  { weight: 9, arbitrary: fc.constant(TOKEN) },
  flipped,
  flipped.map((text) => encodeURIComponent(text)),
  fc.nat(TOKEN.length - 1).map((length) => TOKEN.slice(0, length)),
  fc.webSegment(),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
);
const path = fc.oneof(
  { weight: 9, arbitrary: token.map((text) => `/callbacks/${text}`) },
  token.map((text) => `http://host/callbacks/${text}`),
  token.map((text) => `/callbacks/${MARK}/../${text}`),
  fc.constantFrom('/callbacks', '/callbacks/', '*', '//', `/${MARK}`, '/callbacks/%zz', '/livez', '/metrics'),
  fc.webPath(),
);
const value = fc.oneof(fc.constantFrom('s1', '1', '2.5', 'read', MARK, '%00', '%ff', '%'), fc.webSegment());
const pair = fc.tuple(fc.constantFrom('session_id', 'status', 'session_id[]', MARK), value);
const anyForm = fc.array(pair, { maxLength: 4 }).map((pairs) => pairs.map((one) => one.join('=')).join('&'));
const form = fc.oneof(anyForm, fc.constantFrom('session_id=s1&status=1', 'status=2.5&session_id=s2'));
const body = fc.oneof(
  fc.constant(''),
  form,
  fc.json(),
  fc
    .record({ session_id: fc.jsonValue(), status: fc.jsonValue(), mark: fc.constant(MARK) })
    .map((fields) => JSON.stringify(fields)),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constant(MARK.repeat(2_000)),
);
const method = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('GET', 'POST') },
  fc.constantFrom('PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'QUERY', 'CONNECT', 'get', 'X', MARK),
);
const header = fc.oneof(
  fc.constantFrom(
    'content-type: application/json',
    'content-type: application/x-www-form-urlencoded',
    'content-type: multipart/form-data; boundary=x',
    `content-type: ${MARK}`,
    'content-encoding: gzip',
    'expect: 100-continue',
    `expect: ${MARK}`,
    'connection: upgrade\r\nupgrade: websocket',
    'x-forwarded-for: 1.2.3.4',
    'transfer-encoding: chunked',
    'content-length: 3',
    'accept-version: 2.0.0',
    `x-http-method-override: ${MARK}`,
  ),
  fc.string({ maxLength: 30 }).map((text) => `x-${MARK}: ${text}`),
);
const request = fc.record({
  method,
  path,
  query: form,
  headers: fc.array(header, { maxLength: 2 }),
  body,
  version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
});

test('requests of every shape get a documented answer, and only what has the token is kept', async (t) => {
  const { exchange, kept, faults } = await startServer(t);
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      kept.length = 0;
      const content = Buffer.from(given.body);
      const head = [
        `${given.method} ${given.path}?${given.query} HTTP/${given.version}`,
        `content-length: ${content.length}`,
        ...given.headers,
      ];
      checkAnswers(await exchange(`${head.join('\r\n')}\r\n\r\n`, content));
      assert.ok(kept.length <= 1);
      for (const { caller, sessionId } of kept) {
        assert.deepEqual(caller, { signed: true, claims });
        assert.ok(given.path.includes(TOKEN));
        const said = `${given.query}&${given.body}`;
        assert.ok(said.includes('session_id') && sessionId !== '');
      }
    }),
    { numRuns: RUNS },
  );
  assert.deepEqual(faults, []);
});

test('bytes of every kind, before, in and after a request, harm nobody', async (t) => {
  const { exchange, kept, faults } = await startServer(t);
  const good = GOOD.replace('/t?', `/${TOKEN}?`);
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(good, 'POST /callbacks HTTP/1.1\r\n', '\r\n', '\r\n\r\n', '\0', '0\r\n\r\n', 'a\r\n'),
    fc.constantFrom('content-length: 5\r\n', 'transfer-encoding: chunked\r\n', MARK, MARK.repeat(3_000)),
    fc.tuple(fc.nat(good.length), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(good);
      bytes[at] = byte;
      return bytes;
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 5 }), async (pieces) => {
      kept.length = 0;
      checkAnswers(await exchange(...pieces));
      for (const { caller } of kept) assert.deepEqual(caller, { signed: true, claims });
    }),
    { numRuns: RUNS },
  );
  assert.deepEqual(faults, []);
  assert.deepEqual(statusesIn(await exchange(good)), [200]);
});
