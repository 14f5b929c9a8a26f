import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import { stopIdleRequestQueueTimers } from './request-queue.ts';

interface Queue {
  throttledUntil: number;
  readonly pending: unknown[];
  readonly throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}

before(() => stopIdleRequestQueueTimers());

function createQueue(): Queue {
  const require = createRequire(import.meta.url);
  const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
  return new RequestQueue({ maxInFlightRequests: null, requestTimeout: 1_000, logger: {} });
}

test('no timer is armed while nothing is pending', () => {
  const queue = createQueue();
  queue.scheduleCheckPendingRequests();
  assert.equal(queue.throttleCheckTimeoutId, null);
});

test('while something is pending, throttled or not, a check of it is due', () => {
  for (const throttledUntil of [-1, Date.now() + 60_000]) {
    const queue = createQueue();
    queue.throttledUntil = throttledUntil;
    queue.pending.push({});
    queue.scheduleCheckPendingRequests();
    assert.notEqual(queue.throttleCheckTimeoutId, null);
    queue.destroy();
  }
});
