import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signToken } from '@whatsapp-stream/callback-token';
import { callbackEventId } from '@whatsapp-stream/schemas';
import { callOf } from '../../support/calls.ts';
import { readSimulatorLog } from './read-simulator-log.ts';

const key = { id: 'k1', secret: 'a-secret-of-enough-length' };
const claims = { messageId: 'order:42_a.b-c', attempt: 2, attemptId: '2.x7f', issuedAtMs: 1_000 };
const callbackUrl = `https://example.org/some.path/callbacks/${signToken(key, claims)}`;

const request = {
  type: 'request',
  seq: 1,
  receivedMs: 12.5,
  at: '2026-01-01T00:00:00.012Z',
  status: 201,
  taken: true,
  withinLimit: true,
  reason: 'taken',
  sessionId: 's',
  callbackUrl,
};
const start = { type: 'control', what: 'start', at: '2026-01-01T00:00:00.000Z', atMs: 0, details: {} };
const callback = { type: 'callback', sentMs: 20, sessionId: 's', code: 2, status: 200 };
const lines = (...events: readonly object[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

test('an arrival is read with the attempt that its callback URL names', () => {
  const { arrivals, brokenOff } = readSimulatorLog(lines(start, request, callback));
  assert.equal(brokenOff, false);
  assert.deepEqual(arrivals, [
    {
      run: 0,
      receivedMs: 12.5,
      arrivedAtMs: Date.parse('2026-01-01T00:00:00.012Z'),
      status: 201,
      taken: true,
      withinLimit: true,
      call: { messageId: 'order:42_a.b-c', attempt: 2, attemptId: '2.x7f' },
    },
  ]);
});

test('a callback that was answered 200 is read with the event that it must have become', () => {
  const refused = { ...callback, code: 3, status: 503 };
  const strange = { ...callback, sessionId: 'of-nobody' };
  const { acknowledged } = readSimulatorLog(lines(start, request, callback, refused, strange));
  const { messageId, attemptId } = claims;
  const eventId = callbackEventId({ messageId, attemptId, sessionId: 's', code: 2 });
  assert.deepEqual(acknowledged, [{ eventId, messageId, code: 2 }]);
});

test('each start of the simulator begins a run', () => {
  const { arrivals } = readSimulatorLog(lines(start, request, start, request));
  assert.deepEqual(
    arrivals.map(({ run }) => run),
    [0, 1],
  );
});

test('a request without a readable callback URL names no attempt', () => {
  const { arrivals } = readSimulatorLog(lines({ ...request, callbackUrl: null }));
  assert.equal(arrivals[0]?.call, null);
  const payload = Buffer.from('{"not":"a list"}').toString('base64url');
  for (const url of ['nonsense', 'https://example.org/', `https://example.org/1.k.${payload}.s`])
    assert.equal(callOf(url), null);
});

test('a last line that was broken off is told; another line that is not JSON is an error', () => {
  const { arrivals, brokenOff } = readSimulatorLog(`${lines(request)}{"type":"requ`);
  assert.deepEqual([arrivals.length, brokenOff], [1, true]);
  assert.throws(() => readSimulatorLog(`{"type":"requ\n${lines(request)}`), /line 1 of the simulator's log/);
});
