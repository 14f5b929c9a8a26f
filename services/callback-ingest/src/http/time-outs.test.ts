import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_LIMITS } from './limits.ts';
import { accepted, GOOD, listen, open, SHORT_LIMITS, setUp, statusesIn } from './test-support.ts';

const limits = SHORT_LIMITS;

test('a request that stops half-way is cut, wherever it stops', async (t) => {
  for (const start of [
    'G',
    'GET /callb',
    'GET /callbacks/t HTTP/1.1\r\n',
    'GET /callbacks/t HTTP/1.1\r\nx-header: half',
    'POST /callbacks/t HTTP/1.1\r\ncontent-length: 9\r\n\r\nhalf',
    'POST /callbacks/t HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhal',
  ]) {
    const { server, outcomes, received } = setUp(t, { limits });
    const { socket, ended } = await open(t, await listen(server));
    socket.write(start);
    assert.deepEqual(statusesIn(await ended), [408], start);
    assert.ok(outcomes.includes('refused TOO_SLOW'), `${start}: ${outcomes}`);
    assert.deepEqual(received, []);
  }
});

test('a request that comes byte by byte is cut, however long it could go on', async (t) => {
  for (const start of ['GET /', 'POST /callbacks/t HTTP/1.1\r\ncontent-length: 8000\r\n\r\n']) {
    const { server, received } = setUp(t, { limits });
    const { socket, ended } = await open(t, await listen(server));
    socket.write(start);
    const drip = setInterval(() => socket.write('x'), 10);
    t.after(() => clearInterval(drip));
    assert.deepEqual(statusesIn(await ended).at(-1), 408);
    clearInterval(drip);
    assert.deepEqual(received, []);
  }
});

test('a body that nobody wants is not waited for longer than another', async (t) => {
  const { server } = setUp(t, { limits });
  const { socket, ended } = await open(t, await listen(server));
  socket.write('POST /other HTTP/1.1\r\ncontent-length: 1000000\r\n\r\n');
  const drip = setInterval(() => socket.write('x'.repeat(1_000)), 10);
  t.after(() => clearInterval(drip));
  assert.equal(statusesIn(await ended)[0], 404);
});

test('a connection that says nothing, at first or after an answer, is closed', async (t) => {
  const { server } = setUp(t, { limits });
  const port = await listen(server);
  const silent = await open(t, port);
  const idle = await open(t, port);
  idle.socket.write(GOOD);
  await Promise.all([silent.ended, idle.ended]);
  assert.deepEqual(statusesIn(idle.text()), [200]);
});

test('who never reads its answers is cut, and costs a bounded number of them', async (t) => {
  const { server, outcomes } = setUp(t, { limits });
  const there = once(server.server, 'connection');
  const { socket } = await open(t, await listen(server));
  const [peer] = await there;
  socket.pause();
  const flood = GOOD.repeat(500);
  const pump = () => {
    while (socket.writable && socket.writableLength < 2 * flood.length) socket.write(flood);
  };
  socket.on('drain', pump);
  pump();
  await once(peer, 'close');
  assert.ok(outcomes.length > 0 && outcomes.length < 50_000, `${outcomes.length} answers`);
});

test('a request that has arrived may wait for longer than it may take to arrive', async (t) => {
  const receive = () => sleep(limits.requestTimeoutMs + 100).then(() => accepted);
  const { server } = setUp(t, { limits, receive });
  const { socket, got } = await open(t, await listen(server));
  socket.write(GOOD);
  await got(/recorded/);
  // In earnest: 5 s for Kafka, at most (KAFKA_ACK_TIMEOUT_MS), and 5 s for the disk.
  const ratio = limits.silenceTimeoutMs / limits.requestTimeoutMs;
  assert.equal(SERVER_LIMITS.silenceTimeoutMs / SERVER_LIMITS.requestTimeoutMs, ratio);
  assert.ok(SERVER_LIMITS.silenceTimeoutMs >= 2 * (5_000 + 5_000));
});
