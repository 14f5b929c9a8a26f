import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallbackPlan, callbackCall, DEFAULT_CALLBACK_PLAN, planCallbacks } from './callback-plan.ts';
import { seededRandom } from './random.ts';

const random = seededRandom(5);
const plan = (changes: Partial<CallbackPlan>): CallbackPlan => ({ ...DEFAULT_CALLBACK_PLAN, ...changes });
const codesOf = (changes: Partial<CallbackPlan>, msisdn = '6281100000001'): number[] =>
  planCallbacks(plan(changes), msisdn, random).map((callback) => callback.code);

test('an ordinary message goes sent, delivered, read, in the order that is asked for', () => {
  assert.deepEqual(codesOf({}), [1, 2, 3]);
  assert.deepEqual(codesOf({ order: 'reversed' }), [3, 2, 1]);
  const orders = new Set(Array.from({ length: 200 }, () => codesOf({ order: 'shuffled' }).join()));
  assert.equal(orders.size, 6);
});

test('the sandbox number goes sent, delivered, read whatever the plan says', () => {
  const outcomes = [{ codes: [6], weight: 1 }];
  assert.deepEqual(codesOf({ outcomes, byMsisdn: { '628001': [9] } }, '628001'), [1, 2, 3]);
  assert.deepEqual(codesOf({ outcomes }), [6]);
  assert.deepEqual(codesOf({ outcomes, byMsisdn: { '62899': [8] } }, '62899'), [8]);
});

test('outcomes are picked by their weights', () => {
  const outcomes = [
    { codes: [1, 2, 3], weight: 3 },
    { codes: [1, 6], weight: 1 },
  ];
  const failed = Array.from({ length: 2_000 }, () => codesOf({ outcomes })).filter((codes) =>
    codes.includes(6),
  );
  assert.ok(failed.length > 400 && failed.length < 600, `${failed.length}`);
});

test('callbacks are doubled and lost by probability, and wait within the range', () => {
  assert.deepEqual(codesOf({ duplicateProbability: 1 }), [1, 1, 2, 2, 3, 3]);
  assert.ok(planCallbacks(plan({ lossProbability: 1 }), '6281', random).every((callback) => callback.lost));
  for (const { waitMs } of planCallbacks(plan({ delayMs: { minMs: 10, maxMs: 20 } }), '6281', random)) {
    assert.ok(waitMs >= 10 && waitMs <= 20);
  }
});

test('the fields are appended to the callback URL, also to a query that is there', () => {
  const path = (url: string): string => callbackCall(url, 'get', 's', 2).path;
  assert.equal(path('http://h.test/callbacks/a.b-c'), '/callbacks/a.b-c?session_id=s&status=2');
  assert.equal(path('http://h.test/c?x=%20+1'), '/c?x=%20+1&session_id=s&status=2');
  assert.equal(path('http://h.test'), '/?session_id=s&status=2');
  assert.equal(path('http://h.test/c#part'), '/c?session_id=s&status=2');
});

test('the fields travel in the query, a form or JSON', () => {
  const call = (style: CallbackPlan['style']) => {
    const { method, path, body } = callbackCall('https://h.test:8443/c', style, 's', 10);
    return { method, path, body };
  };
  assert.deepEqual(call('post-query'), { method: 'POST', path: '/c?session_id=s&status=10', body: '' });
  assert.deepEqual(call('post-form'), { method: 'POST', path: '/c', body: 'session_id=s&status=10' });
  assert.deepEqual(call('post-json'), { method: 'POST', path: '/c', body: '{"session_id":"s","status":10}' });
});
