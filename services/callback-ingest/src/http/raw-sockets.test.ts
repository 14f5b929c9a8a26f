/** Clients that know HTTP well and mean no good: how each is answered, and that the next one is served. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERVER_LIMITS } from './limits.ts';
import { GOOD, listen, open, SHORT_LIMITS, setUp, statusesIn } from './test-support.ts';

const POST = 'POST /callbacks/t HTTP/1.1\r\nhost: h\r\n';
const BEYOND = SERVER_LIMITS.bodyBytes + 1;
/** The request that one who smuggles wants to be taken for another's. */
const SMUGGLED = 'GET /callbacks/smuggled?session_id=s&status=1 HTTP/1.1\r\n\r\n';

/** What is sent, and the statuses of all that is answered before the server ends the connection. */
const cases: readonly [string, string, readonly number[]][] = [
  ['two lengths', `${POST}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, [400]],
  ['two lengths in one line', `${POST}content-length: 1, 2\r\n\r\nab`, [400]],
  [
    'a length and chunks',
    `${POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    [400],
  ],
  [
    'chunks that are not the last coding',
    `${POST}transfer-encoding: chunked, x\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    [400],
  ],
  ['a coding that is no coding', `${POST}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`, [400]],
  ['a name with a space', `${POST}transfer-encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`, [400]],
  ['a folded line', `${POST}x: a\r\n b\r\ncontent-length: 0\r\n\r\n`, [400]],
  ['a negative length', `${POST}content-length: -1\r\n\r\n`, [400]],
  ['a length that is no number', `${POST}content-length: 0x10\r\n\r\n`, [400]],
  ['a length beyond all', `${POST}content-length: 99999999999999999999\r\n\r\n`, [400]],
  ['a chunk of no size', `${POST}transfer-encoding: chunked\r\n\r\nzz\r\n`, [400]],
  ['a chunk beyond all', `${POST}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n`, [400]],
  ['a NUL in a header', `${POST}x: a\0b\r\n\r\n`, [400]],
  ['a NUL in the path', 'GET /callbacks/\0 HTTP/1.1\r\n\r\n', [400]],
  ['a bare line feed in a header', `${POST}x: a\nhost: b\rc: d\r\n\r\n`, [400]],
  ['a line without end', `GET /${'x'.repeat(20_000)}`, [431]],
  ['headers without end', `${POST}${'x: y\r\n'.repeat(3_000)}`, [431]],
  ['a version of the future', 'GET /callbacks/t HTTP/9.9\r\n\r\n', [400]],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
  ['an asterisk', 'OPTIONS * HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n', [404]],
  ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nhost: h\r\n\r\n', []],
  ['an upgrade', GOOD.replace('\r\n\r\n', '\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'), [200]],
  ['HTTP/1.0', 'GET /callbacks/t?session_id=s&status=1 HTTP/1.0\r\n\r\n', [200]],
  ['the absolute form', `GET http://x/callbacks/t?status=1 HTTP/1.1\r\nhost: h\r\n\r\n`, [200]],
  [
    'an encoded line break',
    'GET /callbacks/t%0d%0aset-cookie:x?a=%0d%0ab:c HTTP/1.1\r\nhost: h\r\n\r\n',
    [200],
  ],
  ['an expectation', `${POST}expect: 100-continue\r\ncontent-length: 1\r\n\r\nx`, [100, 200]],
  ['another expectation', `${POST}expect: gifts\r\ncontent-length: 1\r\n\r\nx`, [200]],
  ['a body that is told too large', `${POST}content-length: ${BEYOND}\r\n\r\nx`, [413]],
  [
    'chunks that grow too large',
    `${POST}transfer-encoding: chunked\r\n\r\n${`400\r\n${'x'.repeat(1_024)}\r\n`.repeat(9)}0\r\n\r\n`,
    [413],
  ],
];

for (const [name, bytes, statuses] of cases) {
  test(`${name}: answered ${statuses.join(', ') || 'by an end'}, and the next request is served`, async (t) => {
    const { server, received, faults } = setUp(t, { limits: SHORT_LIMITS });
    const port = await listen(server);
    const bad = await open(t, port);
    bad.socket.write(bytes, 'latin1');
    const text = await bad.ended;
    assert.deepEqual(statusesIn(text), statuses, text);
    assert.doesNotMatch(text, /set-cookie|smuggled|gifts/);
    assert.ok(received.every(({ token }) => token !== 'smuggled'));
    const next = await open(t, port);
    next.socket.write(GOOD);
    await next.got(/recorded/);
    assert.deepEqual(faults, []);
  });
}

test('requests that come all at once are answered in their order, up to the one that is none', async (t) => {
  const { server, received } = setUp(t, { limits: SHORT_LIMITS });
  const { socket, ended } = await open(t, await listen(server));
  const other = 'GET /other HTTP/1.1\r\nhost: h\r\n\r\n';
  socket.write(`${(GOOD + other).repeat(500)}`);
  const text = await ended;
  assert.deepEqual(
    statusesIn(text),
    Array.from({ length: 1_000 }, (_, at) => (at % 2 === 0 ? 200 : 404)),
  );
  assert.equal(received.length, 500);
});
