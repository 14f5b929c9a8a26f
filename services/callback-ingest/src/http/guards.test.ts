import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { networksSchema } from './networks.ts';
import type { CallbackServerOptions } from './server.ts';
import { GOOD, listen, open, PROBLEM, setUp, statusesIn } from './test-support.ts';

const URL = '/callbacks/t?session_id=s&status=1';
const allowed = networksSchema.parse('203.0.113.0/24,2001:db8::/32');
const trustedProxies = networksSchema.parse('10.0.0.0/8,fd00::/8');

async function statusFor(
  t: TestContext,
  options: Partial<CallbackServerOptions>,
  remoteAddress: string,
  forwardedFor?: string | string[],
): Promise<number> {
  const { server, received } = setUp(t, options);
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  const { statusCode } = await server.inject({ method: 'GET', url: URL, remoteAddress, headers });
  assert.equal(received.length, statusCode === 200 ? 1 : 0);
  return statusCode;
}

test('who may not call keeps no connection from those who may', async (t) => {
  const { server } = setUp(t, { allowed });
  const { headers } = await server.inject({ method: 'GET', url: URL, remoteAddress: '198.51.100.1' });
  assert.equal(headers.connection, 'close');
});

test('without a list everybody may call', async (t) => {
  assert.equal(await statusFor(t, {}, '198.51.100.1'), 200);
  assert.equal(await statusFor(t, { trustedProxies }, '10.0.0.1', 'nonsense'), 200);
});

test('with a list only who is on it may call, in whichever way its address is written', async (t) => {
  for (const address of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::9']) {
    assert.equal(await statusFor(t, { allowed }, address), 200, address);
  }
  for (const address of ['198.51.100.1', '::ffff:198.51.100.1', '2001:db9::9', 'nonsense']) {
    assert.equal(await statusFor(t, { allowed }, address), 403, address);
  }
});

test('the header of who is no trusted proxy is not believed', async (t) => {
  assert.equal(await statusFor(t, { allowed }, '198.51.100.1', '203.0.113.7'), 403);
  assert.equal(await statusFor(t, { allowed, trustedProxies }, '198.51.100.1', '203.0.113.7'), 403);
  assert.equal(await statusFor(t, { allowed, trustedProxies }, '203.0.113.7', '198.51.100.1'), 200);
});

const chains: readonly [string, string, string | string[] | undefined, number][] = [
  ['the address that the proxy tells counts', '10.0.0.1', '203.0.113.7', 200],
  ['what the caller itself put before it does not', '10.0.0.1', '203.0.113.7, 198.51.100.1', 403],
  ['nor does it harm', '10.0.0.1', '198.51.100.1, 203.0.113.7', 200],
  ['proxies behind proxies are passed over', '::ffff:10.0.0.1', '203.0.113.7, 10.1.1.1 ,fd00::1', 200],
  ['not beyond one that is not trusted', '10.0.0.1', '203.0.113.7, 172.16.0.1, 10.1.1.1', 403],
  ['two headers are one', '10.0.0.1', ['198.51.100.1', '203.0.113.7'], 200],
  ['a port after the address does not matter', '10.0.0.1', '203.0.113.7:51234', 200],
  ['nor after that of a proxy', '10.0.0.1', '[2001:db8::1]:443, 10.1.1.1:80', 200],
  ['a header that tells nothing leaves the proxy', '10.0.0.1', undefined, 403],
  ['an empty one too', '10.0.0.1', ' , ,', 403],
  ['nonsense is no address', '10.0.0.1', 'unknown', 403],
  ['nor is a name', '10.0.0.1', '203.0.113.7, localhost', 403],
  ['nor the syntax of another header', '10.0.0.1', 'for=203.0.113.7', 403],
];
for (const [name, peer, header, status] of chains) {
  test(`behind a trusted proxy: ${name}`, async (t) => {
    assert.equal(await statusFor(t, { allowed, trustedProxies }, peer, header), status);
  });
}

test('who may not call is refused before anything else is looked at, and its address told nowhere', async (t) => {
  const { server, received, outcomes } = setUp(t, { allowed });
  const port = await listen(server);
  for (const start of ['POST /callbacks/t', 'DELETE /nowhere', 'GET /callbacks/%zz']) {
    const { socket, got, text } = await open(t, port);
    socket.write(`${start} HTTP/1.1\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n`);
    await got(/HTTP\/1\.1 403 .*ADDRESS|HTTP\/1\.1 403 .*address"/s);
    assert.match(text(), /application\/problem\+json/);
    assert.doesNotMatch(text(), /127\.0\.0\.1/);
    assert.equal(outcomes.pop(), 'refused ADDRESS_NOT_ALLOWED');
  }
  assert.deepEqual(received, []);
});

/** Looks at itself ten times as late as it should, until it is told to be in time. */
function lateClock() {
  const clock = manualClock();
  let pace = 10;
  return {
    clock: { ...clock, monotonic: () => clock.monotonic() * pace },
    advance: clock.advance,
    beInTime() {
      pace = 0;
    },
  };
}

test('under pressure callbacks are turned away before their body is read, until it is over', async (t) => {
  const { clock, advance, beInTime } = lateClock();
  const { server, received, outcomes } = setUp(t, { clock });
  const port = await listen(server);
  assert.equal((await server.inject({ method: 'GET', url: URL })).statusCode, 200);
  await advance(500);
  const { socket, got, text } = await open(t, port);
  socket.write('POST /callbacks/t HTTP/1.1\r\ncontent-length: 100\r\n\r\n');
  await got(/\}$/);
  assert.match(text(), /^HTTP\/1\.1 503 .*retry-after: [1-9]\d*\r\n/s);
  assert.ok(text().includes(PROBLEM));
  assert.equal((await server.inject({ method: 'GET', url: '/other' })).statusCode, 404);
  assert.deepEqual(outcomes, ['accepted', 'refused OVERLOADED', 'refused NOT_FOUND']);
  assert.equal(received.length, 1);
  beInTime();
  await advance(250);
  assert.equal((await server.inject({ method: 'GET', url: URL })).statusCode, 200);
});

test('connections beyond the bound are closed at once and counted, the others are served', async (t) => {
  let dropped = 0;
  const { server } = setUp(t, { maxConnections: 2, dropped: () => (dropped += 1) });
  const port = await listen(server);
  const firstThere = once(server.server, 'connection');
  const first = await open(t, port);
  const second = await open(t, port);
  assert.equal(await (await open(t, port)).ended, '');
  assert.equal(dropped, 1);
  for (const { socket, got } of [first, second]) {
    socket.write(GOOD);
    await got(/recorded/);
  }
  const [peer] = await firstThere;
  first.socket.destroy();
  await once(peer, 'close');
  const later = await open(t, port);
  later.socket.write(GOOD);
  await later.got(/recorded/);
  assert.deepEqual(statusesIn(later.text()), [200]);
});
