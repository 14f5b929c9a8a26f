/** Doubled: both clocks, and what lies behind kafkajs' own objects. Observed: what those objects do. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, mock, type TestContext, test } from 'node:test';
import { checkRequestTimeoutsOnceASecond, stopIdleRequestQueueTimers } from './request-queue.ts';
import { keepMomentsWhenWallClockIsSet } from './wall-clock.ts';

const HOUR_MS = 3_600_000;
const require = createRequire(import.meta.url);
const none = () => undefined;
const logger = { namespace: () => logger, debug: none, info: none, warn: none, error: none };

before(() => {
  keepMomentsWhenWallClockIsSet();
  checkRequestTimeoutsOnceASecond();
  stopIdleRequestQueueTimers();
});

/** Time that passes is seen by both clocks; the wall clock alone can be set. */
function useClocks(t: TestContext) {
  let [wall, monotonic] = [1_800_000_000_000, 5_000.25];
  t.mock.method(Date, 'now', () => wall);
  t.mock.method(performance, 'now', () => monotonic);
  return {
    pass(ms: number) {
      wall += ms;
      monotonic += ms;
    },
    setBy(ms: number) {
      wall += ms;
    },
  };
}

function createQueue() {
  interface Queue {
    maybeThrottle(ms: number): void;
    canSendSocketRequestImmediately(): boolean;
    push(request: object): void;
    scheduleRequestTimeoutCheck(): void;
    destroy(): void;
  }
  const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
  return new RequestQueue({ requestTimeout: 15_000, enforceRequestTimeout: true, logger });
}

for (const set of [-HOUR_MS, HOUR_MS]) {
  const direction = set < 0 ? 'back' : 'forward';

  test(`after the wall clock was set ${direction}, heartbeats are due when they were`, async (t) => {
    const clocks = useClocks(t);
    const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup') as new (
      options: object,
    ) => { heartbeat(options: { interval: number }): Promise<void> };
    const heartbeat = mock.fn(async () => undefined);
    const group = Object.assign(new ConsumerGroup({ logger, instrumentationEmitter: { emit: none } }), {
      memberId: 'm',
      coordinator: { heartbeat },
    });
    clocks.setBy(set);
    clocks.pass(900);
    await group.heartbeat({ interval: 1_000 });
    assert.equal(heartbeat.mock.callCount(), 0);
    clocks.pass(101);
    await group.heartbeat({ interval: 1_000 });
    assert.equal(heartbeat.mock.callCount(), 1);
  });

  test(`after the wall clock was set ${direction}, throttling ends when it was to end`, (t) => {
    const clocks = useClocks(t);
    const queue = createQueue();
    queue.maybeThrottle(1_000);
    clocks.setBy(set);
    clocks.pass(900);
    assert.equal(queue.canSendSocketRequestImmediately(), false);
    clocks.pass(101);
    assert.equal(queue.canSendSocketRequestImmediately(), true);
  });

  test(`after the wall clock was set ${direction}, a request times out when it was to`, (t) => {
    const clocks = useClocks(t);
    t.mock.timers.enable({ apis: ['setInterval'] });
    const reject = t.mock.fn();
    const queue = createQueue();
    t.after(() => queue.destroy());
    queue.scheduleRequestTimeoutCheck();
    queue.push({ entry: { correlationId: 1, reject }, expectResponse: true, sendRequest: none });
    clocks.setBy(set);
    clocks.pass(14_900);
    t.mock.timers.tick(1_000);
    assert.equal(reject.mock.callCount(), 0);
    clocks.pass(101);
    t.mock.timers.tick(1_000);
    assert.equal(reject.mock.callCount(), 1);
  });

  test(`after the wall clock was set ${direction}, metadata is as old as it is`, async (t) => {
    const clocks = useClocks(t);
    const refreshMetadata = t.mock.fn(async () => undefined);
    const BrokerPool = require('kafkajs/src/cluster/brokerPool') as new (
      options: object,
    ) => { metadataExpireAt: number | null; refreshMetadataIfNecessary(topics: string[]): Promise<void> };
    const pool = Object.assign(new BrokerPool({ connectionPoolBuilder: {}, logger }), {
      metadata: {},
      refreshMetadata,
    });
    assert.equal(pool.metadataExpireAt, null);
    pool.metadataExpireAt = Date.now() + 1_000;
    clocks.setBy(set);
    clocks.pass(900);
    await pool.refreshMetadataIfNecessary([]);
    assert.equal(refreshMetadata.mock.callCount(), 0);
    clocks.pass(101);
    await pool.refreshMetadataIfNecessary([]);
    assert.equal(refreshMetadata.mock.callCount(), 1);
  });
}
