import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import type { Spooled } from '../spool/spool.ts';
import type { Arrival } from './arrival.ts';
import { drain } from './drain.ts';
import { createKafkaState } from './kafka-state.ts';

const idOf = ({ callback }: Arrival) => Number(callback.sessionId);

/** Doubled: Kafka, the spool, the clock. Observed: what Kafka gets and when, what leaves the spool. */
function setUp(count: number) {
  const clock = manualClock(0);
  const inSpool = Array.from(
    { length: count },
    (_, i): Spooled => ({
      seq: i + 1,
      callback: { caller: { signed: false }, sessionId: String(i + 1), code: 1 },
      atMs: 0,
    }),
  );
  const kafka = createKafkaState(clock, { info: () => {}, warn: () => {} });
  const world = { down: false, pings: 0 };
  const attempts: { atMs: number; ids: number[] }[] = [];
  const taken: number[] = [];
  const ending = new AbortController();
  const answer = async () => {
    if (world.down) throw new Error('nobody there');
  };
  const ended = drain(
    {
      spool: {
        oldest: async (limit) => inSpool.slice(0, limit),
        async remove(spooled) {
          inSpool.splice(0, spooled.length);
        },
        state: () => ({ events: inSpool.length, bytes: 0, trouble: null }),
      },
      async write(arrivals) {
        attempts.push({ atMs: clock.monotonic(), ids: arrivals.map(idOf) });
        await answer();
        taken.push(...arrivals.map(idOf));
      },
      async ping() {
        world.pings += 1;
        await answer();
      },
      kafka,
      clock,
      drained: () => {},
    },
    ending.signal,
  );
  return { clock, inSpool, kafka, world, attempts, taken, ending, ended };
}

/** Step by step, because each answer arms the next timer. */
async function pass(clock: ReturnType<typeof manualClock>, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) await clock.advance(50);
}

test('what is in the spool at the start is taken to Kafka in its order, and leaves the spool', async () => {
  const { clock, inSpool, attempts, taken, ending, ended } = setUp(1_200);
  await pass(clock, 100);
  assert.deepEqual(
    attempts.map(({ ids }) => ids.length),
    [500, 500, 200],
  );
  assert.deepEqual(
    taken,
    taken.toSorted((a, b) => a - b),
  );
  assert.equal(inSpool.length, 0);
  ending.abort();
  await ended;
});

test('while Kafka is away nothing leaves the spool, and it is tried less and less often', async () => {
  const { clock, inSpool, kafka, world, attempts, taken, ending, ended } = setUp(3);
  world.down = true;
  await pass(clock, 30_000);
  assert.equal(inSpool.length, 3);
  assert.equal(kafka.trouble(), 'nobody there');
  const gaps = attempts.map(({ atMs }, i) => atMs - (attempts[i - 1]?.atMs ?? 0)).slice(1);
  assert.deepEqual(gaps.slice(0, 7), [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  world.down = false;
  await pass(clock, 5_000);
  assert.deepEqual(taken, [1, 2, 3]);
  assert.equal(inSpool.length, 0);
  assert.equal(kafka.trouble(), null);
  ending.abort();
  await ended;
});

test('with nothing in the spool Kafka is asked: now and then, and often while it is in trouble', async () => {
  const { clock, kafka, world, ending, ended } = setUp(0);
  await pass(clock, 4_900);
  assert.equal(world.pings, 0);
  world.down = true;
  await pass(clock, 1_000);
  assert.equal(kafka.trouble(), 'nobody there');
  world.down = false;
  await pass(clock, 1_000);
  assert.equal(kafka.trouble(), null);
  ending.abort();
  await ended;
});

test('while acknowledgements come Kafka is not asked', async () => {
  const { clock, kafka, world, ending, ended } = setUp(0);
  for (let i = 0; i < 10; i += 1) {
    await pass(clock, 2_000);
    kafka.acknowledged();
  }
  assert.equal(world.pings, 0);
  ending.abort();
  await ended;
});
