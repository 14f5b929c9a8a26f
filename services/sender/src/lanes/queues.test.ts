import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createQueues } from './queues.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

function setUp() {
  const clock = manualClock(10 * DAY_MS);
  const world = { active: true, answers: true, committed: 5, oldestAt: 10 * DAY_MS - 60_000, asked: 0 };
  const warned: string[] = [];
  const queues = createQueues({
    kafka: {
      async admin() {
        world.asked += 1;
        if (!world.answers) throw new Error('away');
        return {
          committed: async () => new Map([['t', new Map([[0, { offset: world.committed, metadata: '' }]])]]),
          offsets: async () => new Map([[0, { low: 0, high: 25 }]]),
          offsetsAt: async (_topic, time) => new Map([[0, time <= world.oldestAt ? world.committed : 25]]),
          describeTopic: async () => ({
            partitions: 1,
            replicationFactor: 1,
            config: { 'retention.ms': String(7 * DAY_MS) },
          }),
          close: async () => {},
        };
      },
    },
    group: 'g',
    topics: ['t'],
    isActive: () => world.active,
    clock,
    log: { warn: (_what: object, text?: string) => warned.push(text ?? '') },
  });
  queues.start();
  return { clock, world, queues, warned };
}

test('how much waits, how long, and how long it may', async () => {
  const { clock, queues, warned } = setUp();
  await clock.advance(5_000);
  const queue = queues.seen().get('t');
  assert.deepEqual([queue?.depth, queue?.retentionMs], [20, 7 * DAY_MS]);
  assert.ok(Math.abs((queue?.oldestMs ?? 0) - 65_000) <= 1_000, String(queue?.oldestMs));
  assert.deepEqual(warned, []);
});

test('where nothing waits, nothing is old', async () => {
  const { clock, world, queues } = setUp();
  world.committed = 25;
  await clock.advance(5_000);
  assert.deepEqual(queues.seen().get('t'), { depth: 0, oldestMs: 0, retentionMs: 7 * DAY_MS });
});

test('what has waited for half of the retention is warned of', async () => {
  const { clock, world, warned } = setUp();
  world.oldestAt -= 4 * DAY_MS;
  await clock.advance(5_000);
  assert.match(warned.join(), /retention will delete them unsent/);
});

test('a stand-by does not ask; what could not be asked is not known, and asked again', async () => {
  const { clock, world, queues } = setUp();
  await clock.advance(5_000);
  world.active = false;
  await clock.advance(30_000);
  assert.deepEqual([queues.seen().size, world.asked], [0, 1]);
  world.active = true;
  world.answers = false;
  await clock.advance(30_000);
  assert.equal(queues.seen().size, 0);
  world.answers = true;
  await clock.advance(30_000);
  assert.equal(queues.seen().size, 1);
  queues.stop();
  await clock.advance(90_000);
  assert.equal(world.asked, 3);
});
