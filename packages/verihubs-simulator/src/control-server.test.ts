import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { request } from 'undici';
import { createControlServer } from './control-server.ts';
import type { Verihubs } from './simulator.ts';
import { post, sendBody, startFor } from './test-support.ts';

async function ask(
  verihubs: Verihubs,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const answer = await request(`${verihubs.url}/_simulator${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

test('stats, messages, settings and events are the same over HTTP as in the process', async (t) => {
  const verihubs = await startFor(t);
  await post(verihubs);
  const { control } = verihubs;
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const stats = JSON.parse((await ask(verihubs, 'GET', '/stats')).text);
  assert.deepEqual(
    { ...stats, eventLoopDelayMs: null },
    { ...Object(json(control.stats())), eventLoopDelayMs: null },
  );
  assert.deepEqual(JSON.parse((await ask(verihubs, 'GET', '/messages')).text), json(control.messages()));
  assert.deepEqual(JSON.parse((await ask(verihubs, 'GET', '/settings')).text), json(control.settings()));
  const lines = (await ask(verihubs, 'GET', '/events')).text.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    json(control.events()),
  );
});

test('asking does not count as a request', async (t) => {
  const verihubs = await startFor(t);
  await ask(verihubs, 'GET', '/stats');
  assert.equal(verihubs.control.stats().requests, 0);
});

test('followers get what there is, then what comes', async (t) => {
  const verihubs = await startFor(t);
  const { body } = await request(`${verihubs.url}/_simulator/events?follow`);
  const types: string[] = [];
  const seen = (async () => {
    for await (const chunk of body) {
      types.push(
        ...String(chunk)
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).type),
      );
      if (types.length === 1) await post(verihubs);
      if (types.length >= 2) return;
    }
  })();
  await seen;
  assert.deepEqual(types, ['control', 'request']);
});

test('faults, callbacks and limit are set over HTTP and heeded', async (t) => {
  const verihubs = await startFor(t);
  assert.equal(
    (await ask(verihubs, 'PUT', '/faults', { rules: [{ fault: { kind: 'status', status: 403 }, next: 1 }] }))
      .status,
    200,
  );
  assert.equal((await post(verihubs)).status, 403);
  await ask(verihubs, 'PUT', '/limit', { maxRequestsPerSecond: 1 });
  assert.equal((await post(verihubs)).status, 429);
  await ask(verihubs, 'PUT', '/callbacks', { outcomes: [{ codes: [1, 6], weight: 1 }], order: 'reversed' });
  assert.equal(verihubs.control.settings().callbacks.order, 'reversed');
  await ask(verihubs, 'PUT', '/callbacks', {});
  assert.equal(verihubs.control.settings().callbacks.order, 'in-order');
});

test('settings that are not understood are refused and change nothing', async (t) => {
  const verihubs = await startFor(t);
  const before = verihubs.control.settings();
  const cases: [string, unknown][] = [
    ['/faults', { rules: [{ fault: { kind: 'bogus' } }] }],
    ['/faults', { rules: [{ fault: { kind: 'timeout' } }] }],
    ['/faults', { rules: [{ fault: { kind: 'garbage' }, probability: 2 }] }],
    ['/faults', { rule: [] }],
    ['/callbacks', { order: 'backwards' }],
    ['/callbacks', { outcomes: [] }],
    ['/limit', { maxRequestsPerSecond: '50' }],
    ['/limit', []],
  ];
  for (const [path, body] of cases) {
    const { status, text } = await ask(verihubs, 'PUT', path, body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(typeof JSON.parse(text).message, 'string');
  }
  assert.deepEqual(verihubs.control.settings(), before);
});

test('a reset forgets everything, drops pending callbacks and restores the settings', async (t) => {
  const later = { delayMs: { minMs: 60_000, maxMs: 60_000 } };
  const verihubs = await startFor(t, { callbacks: later, limit: { maxRequestsPerSecond: 1 } });
  await post(verihubs, sendBody({ callback_url: 'http://127.0.0.1:9/' }));
  verihubs.control.setFaults({ rules: [{ fault: { kind: 'garbage' } }] });
  const stats = JSON.parse((await ask(verihubs, 'POST', '/reset')).text);
  assert.deepEqual([stats.requests, stats.taken, stats.callbacks.pending], [0, 0, 0]);
  assert.deepEqual(verihubs.control.settings().faults.rules, []);
  assert.deepEqual(verihubs.control.messages(), []);
  const [event] = verihubs.control.events();
  assert.deepEqual(event?.type === 'control' && event.details, { droppedCallbacks: 3 });
  assert.equal((await post(verihubs)).status, 201, 'the window is empty again');
});

test('other machines are kept out, unless the endpoint is open', async (t) => {
  const { control } = await startFor(t);
  for (const [open, status] of [
    [false, 403],
    [true, 200],
  ] as const) {
    const app = createControlServer(control, open);
    t.after(() => app.close());
    const answer = await app.inject({ url: '/_simulator/stats', remoteAddress: '192.0.2.7' });
    assert.equal(answer.statusCode, status);
  }
});

test('a follower that goes away is no longer followed', async (t) => {
  const verihubs = await startFor(t);
  const { body } = await request(`${verihubs.url}/_simulator/events?follow`);
  await once(body, 'readable');
  body.on('error', () => {});
  body.destroy();
  assert.equal((await post(verihubs)).status, 201);
});
