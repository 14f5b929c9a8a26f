import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { processClock } from './clock.ts';
import type { Fault } from './faults.ts';
import { nextEvent, post, postRaw, startFor } from './test-support.ts';

const oneFault = (fault: Fault) => ({ faults: { rules: [{ fault, next: 1 }] } });

test('every status can be injected, is not taken, and is met once', async (t) => {
  for (const status of [400, 401, 403, 404, 409, 429, 500, 503]) {
    const verihubs = await startFor(t, oneFault({ kind: 'status', status, retryAfterSeconds: 7 }));
    const answer = await post(verihubs);
    assert.equal(answer.status, status);
    assert.equal(answer.headers['retry-after'], '7');
    assert.equal(JSON.parse(answer.text).code, status);
    assert.equal(verihubs.control.stats().taken, 0);
    assert.equal((await post(verihubs)).status, 201);
  }
});

test('Retry-After can be a date, with a fault and with the limit', async (t) => {
  const rules = [
    { fault: { kind: 'status', status: 429, retryAfterSeconds: 7, retryAfterAs: 'date' }, next: 1 },
  ] as const;
  const limit = { maxRequestsPerSecond: 1, retryAfterSeconds: 60, retryAfterAs: 'date' } as const;
  const verihubs = await startFor(t, { faults: { rules }, limit });
  for (const seconds of [7, 60]) {
    const { status, headers } = await post(verihubs);
    assert.equal(status, 429);
    const text = String(headers['retry-after']);
    assert.match(text, /^[A-Z][a-z]{2}, .* GMT$/);
    const asksMs = Date.parse(text) - Date.now();
    assert.ok(asksMs > (seconds - 5) * 1_000 && asksMs <= (seconds + 1) * 1_000, text);
  }
});

test('a request is stamped when it arrives, after it was held on its way', async (t) => {
  const verihubs = await startFor(t, { faults: { arrivalJitter: { minMs: 30, maxMs: 30 } } });
  const leftMs = processClock.nowMs();
  await post(verihubs);
  const [, event] = verihubs.control.events();
  assert.ok(event?.type === 'request' && event.receivedMs - leftMs >= 29);
});

test('a caller that goes away while its request is held on its way hinders nothing', async (t) => {
  const verihubs = await startFor(t, { faults: { arrivalJitter: { minMs: 50, maxMs: 50 } } });
  const decided = nextEvent(verihubs, (event) => event.type === 'request');
  (await postRaw(t, verihubs)).destroy();
  await decided;
  assert.equal((await post(verihubs)).status, 201);
});

test('held for a moment, it is answered as any other', async (t) => {
  const verihubs = await startFor(t, { faults: { arrivalJitter: { minMs: 1, maxMs: 5 } } });
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(verihubs)));
  assert.ok(answers.every(({ status }) => status === 201));
});

test('a 500 can hide a message that was taken', async (t) => {
  const verihubs = await startFor(t, oneFault({ kind: 'status', status: 500, taken: true }));
  assert.equal((await post(verihubs)).status, 500);
  assert.equal(verihubs.control.messages().length, 1);
});

for (const taken of [false, true]) {
  test(`a time-out ${taken ? 'after' : 'before'} taking the message never answers`, async (t) => {
    const verihubs = await startFor(t, oneFault({ kind: 'timeout', taken }));
    const decided = nextEvent(verihubs, (event) => event.type === 'request');
    const socket = await postRaw(t, verihubs);
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
    });
    await decided;
    assert.equal((await post(verihubs)).status, 201, 'later requests are answered meanwhile');
    assert.equal(verihubs.control.stats().byStatus['none'], 1);
    assert.equal(verihubs.control.stats().taken, taken ? 2 : 1);
    const closed = once(socket, 'close');
    await verihubs.stop();
    await closed;
    assert.equal(received, 0);
  });

  test(`a reset ${taken ? 'after' : 'before'} taking the message breaks the connection`, async (t) => {
    const verihubs = await startFor(t, oneFault({ kind: 'reset', taken }));
    await assert.rejects(post(verihubs), { code: 'ECONNRESET' });
    assert.equal(verihubs.control.stats().taken, taken ? 1 : 0);
  });
}

test('garbage comes as 201 and cannot be parsed', async (t) => {
  const verihubs = await startFor(t, oneFault({ kind: 'garbage' }));
  const answer = await post(verihubs);
  assert.equal(answer.status, 201);
  assert.throws(() => JSON.parse(answer.text));
  assert.equal(verihubs.control.stats().taken, 1);
});

test('a 201 can lack the session id', async (t) => {
  const verihubs = await startFor(t, oneFault({ kind: 'no-session-id' }));
  const answer = await post(verihubs);
  assert.equal(answer.status, 201);
  assert.equal(JSON.parse(answer.text).session_id, undefined);
  assert.equal(verihubs.control.stats().taken, 1);
});

test('slow headers come in pieces, over the time that was asked for, and make a good answer', async (t) => {
  const verihubs = await startFor(t, oneFault({ kind: 'slow-headers', overMs: 100 }));
  const started = performance.now();
  const socket = await postRaw(t, verihubs);
  const chunks: string[] = [];
  socket.on('data', (chunk) => chunks.push(String(chunk)));
  await once(socket, 'close');
  assert.ok(performance.now() - started >= 90);
  assert.ok(chunks.length > 2, `${chunks.length} pieces`);
  const [head, body] = chunks.join('').split('\r\n\r\n');
  assert.match(head ?? '', /^HTTP\/1\.1 201 Created\r\n/);
  assert.equal(typeof JSON.parse(body ?? '').session_id, 'string');
});

test('latency delays the answer, and the message is taken before it', async (t) => {
  const verihubs = await startFor(t, { faults: { latency: { minMs: 60_000, maxMs: 60_000 } } });
  const decided = nextEvent(verihubs, (event) => event.type === 'request');
  const answer = assert.rejects(post(verihubs));
  await decided;
  assert.equal(verihubs.control.stats().taken, 1);
  assert.equal(verihubs.control.stats().answerMs.count, 0);
  await verihubs.stop();
  await answer;
});

test('a request that is refused anyway uses up no fault', async (t) => {
  const verihubs = await startFor(t, oneFault({ kind: 'status', status: 503 }));
  assert.equal((await post(verihubs, '{}')).status, 400);
  assert.equal((await post(verihubs)).status, 503);
});

test('a caller that goes away in the middle of its body has sent nothing', async (t) => {
  const verihubs = await startFor(t);
  const decided = nextEvent(verihubs, (event) => event.type === 'request');
  const socket = await postRaw(t, verihubs);
  await decided;
  const brokenOff = nextEvent(verihubs, (event) => event.type === 'request');
  socket.write(
    'POST /v2/whatsapp/message/send HTTP/1.1\r\nhost: h\r\napp-id: demo-app\r\napi-key: demo-key\r\ncontent-length: 100\r\n\r\n{',
  );
  await once(socket, 'data');
  socket.destroy();
  await brokenOff;
  const { taken, byStatus } = verihubs.control.stats();
  assert.deepEqual({ taken, byStatus }, { taken: 1, byStatus: { 201: 1, none: 1 } });
});
