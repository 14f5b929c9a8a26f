import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { HEADERS, post, sendBody, sendUrl, startFor } from './test-support.ts';

test('a good request is answered 201 with a session id, and the message is taken', async (t) => {
  const verihubs = await startFor(t);
  const answer = await post(verihubs);
  const body = JSON.parse(answer.text);
  assert.equal(answer.status, 201);
  assert.match(body.session_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const [message] = verihubs.control.messages();
  assert.equal(message?.sessionId, body.session_id);
  assert.equal(message?.msisdn, null);
  assert.equal(verihubs.control.stats().taken, 1);
});

test('refusals have the documented shape and take nothing', async (t) => {
  const verihubs = await startFor(t);
  const cases: [number, Parameters<typeof post>[1], Record<string, string>][] = [
    [401, sendBody(), { ...HEADERS, 'api-key': 'wrong' }],
    [401, sendBody(), { accept: 'application/json', 'content-type': 'application/json' }],
    [400, sendBody(), { ...HEADERS, accept: '*/*' }],
    [400, sendBody(), { ...HEADERS, 'content-type': 'text/plain' }],
    [400, sendBody({ msisdn: '+6281100000001' }), HEADERS],
    [400, '{', HEADERS],
    [400, 'x'.repeat(300 * 1_024), HEADERS],
  ];
  for (const [status, body, headers] of cases) {
    const answer = await post(verihubs, body, headers);
    assert.equal(answer.status, status);
    const parsed = JSON.parse(answer.text);
    assert.equal(typeof parsed.message, 'string');
    assert.equal(parsed.code, status);
  }
  assert.equal(verihubs.control.stats().taken, 0);
  assert.deepEqual(verihubs.control.stats().byStatus, { 401: 2, 400: 5 });
});

test('other paths are 404, other methods 405, and a query is refused', async (t) => {
  const verihubs = await startFor(t);
  const status = async (url: string, method: string): Promise<number> => {
    const answer = await request(url, { method, headers: HEADERS });
    await answer.body.dump();
    return answer.statusCode;
  };
  assert.equal(await status(`${verihubs.url}/v1/whatsapp/message/send`, 'POST'), 404);
  assert.equal(await status(sendUrl(verihubs), 'GET'), 405);
  assert.equal(await status(`${sendUrl(verihubs)}?a=b`, 'POST'), 400);
});

test('sandbox numbers answer as documented', async (t) => {
  const verihubs = await startFor(t);
  const statuses = [];
  for (const digit of [1, 2, 3, 4, 5, 6]) {
    statuses.push((await post(verihubs, sendBody({ msisdn: `628212306000${digit}` }))).status);
  }
  assert.deepEqual(statuses, [201, 400, 401, 403, 409, 429]);
  assert.equal(verihubs.control.stats().overLimit, 0);
});

test('the limit counts arrivals with good credentials by the clock, and says when to come back', async (t) => {
  let nowMs = 10_000;
  const clock = { nowMs: () => nowMs, isoTime: (at: number) => new Date(at).toISOString() };
  const verihubs = await startFor(t, { clock, limit: { maxRequestsPerSecond: 2, retryAfterSeconds: 3 } });
  assert.equal((await post(verihubs, '{')).status, 400, 'an invalid request counts');
  assert.equal((await post(verihubs, sendBody(), {})).status, 401, 'an unknown caller does not');
  nowMs += 500;
  assert.equal((await post(verihubs)).status, 201);
  nowMs += 499.9;
  const refused = await post(verihubs);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers['retry-after'], '3');
  nowMs += 0.1;
  assert.equal((await post(verihubs)).status, 201);
  const stats = verihubs.control.stats();
  assert.equal(stats.overLimit, 1);
  assert.equal(stats.rate.maxInAnySecond, 4);
  assert.equal(stats.rate.budgetUsed, 1);
});

test('the same message taken twice is a duplicate, whatever its callback URL', async (t) => {
  const verihubs = await startFor(t);
  await post(verihubs, sendBody({ callback_url: 'http://127.0.0.1:9/a' }));
  await post(verihubs, sendBody({ callback_url: 'http://127.0.0.1:9/b' }));
  await post(verihubs, sendBody({ content: { body_params: ['other'] } }));
  assert.deepEqual(verihubs.control.stats().duplicates, { messages: 1, extraTakings: 1 });
});

test('the full number is recorded for sandbox numbers only', async (t) => {
  const verihubs = await startFor(t);
  await post(verihubs, sendBody({ msisdn: '628001' }));
  await post(verihubs, sendBody({ msisdn: '6281234512345' }));
  verihubs.control.setFaults({ rules: [{ fault: { kind: 'garbage' }, msisdn: '6281234512345' }] });
  verihubs.control.setCallbacks({ byMsisdn: { '6281234512345': [6] } });
  const seen = JSON.stringify(verihubs.control.events());
  assert.match(seen, /"628001"/);
  assert.doesNotMatch(seen, /6281234512345|123456|demo-key/);
});

test('a port that is taken is an error of the start', async (t) => {
  const { port } = await startFor(t);
  await assert.rejects(startFor(t, { port }), { code: 'EADDRINUSE' });
});
