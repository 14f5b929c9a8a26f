import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from 'kafkajs';
import { createLease } from './lease.ts';

const SESSION_MS = 10_000;

function setUp() {
  let now = 0;
  let answer = Promise.withResolvers<void>();
  const coordinator = {
    heartbeat: () => answer.promise,
    syncGroup: () => answer.promise,
    leaveGroup: () => answer.promise,
  };
  const cluster = { findGroupCoordinator: async () => coordinator } as unknown as Pick<
    Cluster,
    'findGroupCoordinator'
  >;
  const lease = createLease(SESSION_MS, () => now);
  lease.watch(cluster);
  return {
    lease,
    moveTo: (ms: number) => {
      now = ms;
    },
    async send(what: 'heartbeat' | 'syncGroup' | 'leaveGroup' = 'heartbeat') {
      const found = (await cluster.findGroupCoordinator({ groupId: 'g' })) as unknown as typeof coordinator;
      answer = Promise.withResolvers();
      const sent = found[what]();
      return {
        answered: async () => {
          answer.resolve();
          await sent;
        },
        failed: async () => {
          answer.reject(new Error('UNKNOWN_MEMBER_ID'));
          await sent.catch(() => {});
        },
      };
    },
  };
}

test('before anything was answered there is no lease', () => {
  assert.equal(setUp().lease.holds(), false);
});

test('an answered heartbeat or sync holds it for the session less a margin, from when it was sent', async () => {
  for (const what of ['heartbeat', 'syncGroup'] as const) {
    const { lease, moveTo, send } = setUp();
    moveTo(1_000);
    const sent = await send(what);
    moveTo(1_500);
    await sent.answered();
    moveTo(9_999);
    assert.equal(lease.holds(), true);
    moveTo(10_000);
    assert.equal(lease.holds(), false);
  }
});

test('it ends when the group is about to be left, answered or not', async () => {
  const { lease, send } = setUp();
  await (await send()).answered();
  const leaving = await send('leaveGroup');
  assert.equal(lease.holds(), false);
  await leaving.answered();
  assert.equal(lease.holds(), false);
});

test('an answer that is read after a long stop does not look fresh', async () => {
  const { lease, moveTo, send } = setUp();
  const sent = await send();
  moveTo(60_000);
  await sent.answered();
  assert.equal(lease.holds(), false);
});

test('a heartbeat that is refused renews nothing', async () => {
  const { lease, send } = setUp();
  await (await send()).failed();
  assert.equal(lease.holds(), false);
});

test('an answer to what was sent in an epoch that is over renews nothing', async () => {
  const { lease, send } = setUp();
  const sent = await send();
  lease.end();
  await sent.answered();
  assert.equal(lease.holds(), false);
});
