/** The watchdog as a whole, on a clock that is moved by hand; Kafka, the consumer and the log are doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Admin, KafkaRecord, OffsetCommit } from '@whatsapp-stream/kafka';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { limitsFor } from './stalls.ts';
import { createWatchdog } from './watchdog.ts';

const P0 = { topic: 'x.otp', partition: 0 };
const MINUTE = 60_000;

function setUp() {
  const clock = manualClock();
  const lines: string[] = [];
  const reading: number | null = null;
  const world = {
    active: true,
    struggles: false,
    end: 0,
    away: false,
    open: 0,
    asked: 0,
    reading,
    commits: true,
  };
  const admin: Pick<Admin, 'offsets' | 'close'> = {
    async offsets() {
      if (world.away) throw new Error('away');
      return new Map([[0, { low: 0, high: world.end }]]);
    },
    close: async () => {
      world.open -= 1;
    },
  };
  const watchdog = createWatchdog({
    limits: limitsFor({ callTimeoutMs: 10_000, longestHoldMs: 60_000 }),
    kafka: {
      async admin() {
        world.open += 1;
        world.asked += 1;
        return admin;
      },
    },
    topics: ['x.otp'],
    isActive: () => world.active,
    kafkaStruggles: () => world.struggles,
    logStruggles: () => world.struggles,
    isHeld: () => false,
    isClosed: () => false,
    reading: (): number | null => world.reading,
    clock,
    log: {
      error: (_: unknown, line?: string) => void lines.push(`error: ${line}`),
      warn: (_: unknown, line?: string) => void lines.push(`warn: ${line}`),
      info: (line: string) => void lines.push(`info: ${line}`),
    },
  });
  const passed: string[] = [];
  const consumer = watchdog.watched({
    pause: ({ partition }) => void passed.push(`pause ${partition}`),
    resume: ({ partition }) => void passed.push(`resume ${partition}`),
    commit: async (_epoch: number, _commits: readonly OffsetCommit[]) => world.commits,
  });
  watchdog.start();
  return { clock, lines, world, watchdog, consumer, passed };
}

const record = (offset: number): KafkaRecord => ({
  ...P0,
  offset,
  timestamp: 0,
  key: null,
  value: null,
  headers: {},
});

test('a record that is stuck is told with its place, once in the log; so is its end', async () => {
  const { clock, lines, watchdog } = setUp();
  const place = watchdog.whereabouts.enter({ ...P0, offset: 17 });
  place.at('call');
  await clock.advance(49_000);
  assert.deepEqual([watchdog.problems(), lines], [[], []]);
  await clock.advance(11_000);
  assert.deepEqual(watchdog.problems(), ['x.otp/0: the record at offset 17 is stuck at "call" for 60 s']);
  const stuck = 'error: there is work and no progress: this process should be restarted';
  assert.deepEqual(lines, [stuck]);
  place.leave();
  await clock.advance(1_000);
  assert.deepEqual([watchdog.problems(), lines], [[], [stuck, 'info: there is progress again']]);
});

test('records that Kafka has and that do not come in are told; each kind of arrival ends it', async () => {
  const { clock, watchdog, world, consumer } = setUp();
  const blocked = (next: number) => [
    `x.otp/0: nothing comes in from offset ${next} on, and Kafka has records up to 30`,
  ];
  watchdog.intake.activated([{ ...P0, committed: null, startsAt: 10 }]);
  consumer.resume(P0);
  world.end = 30;
  await clock.advance(6 * MINUTE);
  assert.deepEqual(watchdog.problems(), blocked(10));
  watchdog.intake.records([record(10), record(11)]);
  await clock.advance(MINUTE);
  assert.deepEqual(watchdog.problems(), []);
  await clock.advance(5 * MINUTE);
  assert.deepEqual(watchdog.problems(), blocked(12));
  watchdog.intake.gap({ ...P0, from: 12, to: 14, cause: 'filtered' });
  await clock.advance(6 * MINUTE);
  assert.deepEqual(watchdog.problems(), blocked(14));
  watchdog.intake.epochEnded();
  assert.deepEqual(watchdog.problems(), []);
  assert.equal(world.open, 0);
});

test('what is paused is known, and the consumer is asked all the same', async () => {
  const { clock, watchdog, world, consumer, passed } = setUp();
  watchdog.intake.activated([{ ...P0, committed: null, startsAt: 10 }]);
  world.end = 30;
  consumer.resume(P0);
  consumer.pause(P0);
  await clock.advance(10 * MINUTE);
  assert.deepEqual([watchdog.problems(), passed], [[], ['resume 0', 'pause 0']]);
});

for (const [what, change] of [
  ['a broker that is away', { away: true }],
  ['a lease that is not held', { active: false }],
] as const) {
  test(`${what} is no reason to restart`, async () => {
    const { clock, watchdog, world, consumer } = setUp();
    watchdog.intake.activated([{ ...P0, committed: null, startsAt: 10 }]);
    consumer.resume(P0);
    Object.assign(world, { end: 30, ...change });
    await clock.advance(10 * MINUTE);
    assert.deepEqual([watchdog.problems(), world.open], [[], 0]);
  });
}

test('commits that the group does not take are told, and so is their end', async () => {
  const { clock, lines, world, watchdog, consumer } = setUp();
  watchdog.intake.activated([]);
  assert.equal(await consumer.commit(1, []), true);
  await clock.advance(10 * MINUTE);
  assert.deepEqual(watchdog.problems(), []);
  world.commits = false;
  assert.equal(await consumer.commit(1, []), false);
  await clock.advance(6 * MINUTE);
  assert.match(watchdog.problems().join(), /takes no commit/);
  world.commits = true;
  await consumer.commit(1, []);
  await clock.advance(1_000);
  assert.deepEqual([watchdog.problems(), lines.length], [[], 2]);
  world.commits = false;
  await consumer.commit(1, []);
  watchdog.intake.epochEnded();
  await clock.advance(10 * MINUTE);
  assert.deepEqual(watchdog.problems(), []);
});

test('the last commit of a term, which comes when its epoch is over, is owed by nobody', async () => {
  const { clock, world, watchdog, consumer } = setUp();
  watchdog.intake.epochEnded();
  world.commits = false;
  await consumer.commit(1, []);
  await clock.advance(10 * MINUTE);
  assert.deepEqual(watchdog.problems(), []);
});

test('writes that fail are Kafka’s trouble, not ours', async () => {
  const { clock, watchdog, world } = setUp();
  watchdog.whereabouts.enter({ ...P0, offset: 0 }).at('write');
  world.struggles = true;
  await clock.advance(10 * MINUTE);
  assert.deepEqual(watchdog.problems(), []);
  world.struggles = false;
  await clock.advance(5 * MINUTE);
  assert.equal(watchdog.problems().length, 1);
});

test('once stopped it looks, asks and tells no more', async () => {
  const { clock, watchdog, lines, world } = setUp();
  watchdog.whereabouts.enter({ ...P0, offset: 0 }).at('failed');
  await clock.advance(MINUTE);
  watchdog.stop();
  await clock.advance(60 * MINUTE);
  assert.deepEqual([watchdog.problems(), lines, world.asked], [[], [], 1]);
});

test('a status log that is not read on although a term waits for it is told, and so is its end', async () => {
  const { clock, lines, world, watchdog } = setUp();
  Object.assign(world, { reading: 7 });
  await clock.advance(6 * MINUTE);
  assert.deepEqual(watchdog.problems(), [
    'the status log is not read on, and nothing is sent before it is read to its end',
  ]);
  Object.assign(world, { reading: null });
  await clock.advance(2_000);
  assert.deepEqual([watchdog.problems(), lines.at(-1)], [[], 'info: there is progress again']);
});
