/** From a message to its end; see `test-support.ts` for what is doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING_MADE } from '../admission/progress.ts';
import { senderEvent } from '../ledger/events.ts';
import { RETRY_RULES } from '../pacing/retry.ts';
import type { Stage } from '../watchdog/whereabouts.ts';
import { ACCEPTED, answer, GRACE_MS, LOG, LOST, message, setUp } from './test-support.ts';

test('the attempt is written before the call, the outcome after it', async () => {
  const order: string[] = [];
  const { clock, delivery, statuses } = setUp(() => {
    order.push(...statuses());
    return ACCEPTED;
  });
  const ending = delivery.deliver(message(), NOTHING_MADE, 0);
  await clock.advance(100);
  assert.equal(await ending, 'done');
  assert.deepEqual(order, ['ATTEMPTED 1']);
  assert.deepEqual(statuses(), ['ATTEMPTED 1', 'ACCEPTED 1']);
});

test('a message tells where it is, and how long it means to stay', async () => {
  const world = setUp(answer(429, '{}', '10'), LOST);
  const stages: [Stage, number][] = [];
  const at = (stage: Stage, until = 0) => void stages.push([stage, until && until - 1_000_000]);
  const ending = world.delivery.deliver({ ...message(), place: { at, known: () => {} } }, NOTHING_MADE, 0);
  await world.clock.advance(GRACE_MS + 11_000);
  assert.equal(await ending, 'done');
  const toTheCall = ['pause', 'turn', 'write', 'slot', 'call'];
  assert.deepEqual(
    stages.map(([stage]) => stage),
    [...toTheCall, 'write', ...toTheCall, 'doubt', 'hear', 'write'],
  );
  const untils = stages.filter(([, until]) => until > 0);
  assert.deepEqual(untils, [
    ['pause', 10_000],
    ['doubt', 10_000 + GRACE_MS],
  ]);
});

test('the call waits until Kafka has acknowledged the attempt', async () => {
  const world = setUp(ACCEPTED);
  const acknowledged = Promise.withResolvers<void>();
  world.beforeTold(() => acknowledged.promise);
  const ending = world.delivery.deliver(message(), NOTHING_MADE, 0);
  await world.clock.advance(5_000);
  assert.deepEqual([world.seen.calls, world.statuses()], [0, ['ATTEMPTED 1']]);
  acknowledged.resolve();
  await world.clock.advance(100);
  assert.equal(await ending, 'done');
});

test('what expires before its first byte is not sent', async () => {
  const world = setUp();
  world.beforeFirstByte(() => world.clock.advance(10_000));
  const ending = world.delivery.deliver(message('otp', { expires_at: 1_005_000 }), NOTHING_MADE, 0);
  await world.clock.advance(100);
  assert.equal(await ending, 'done');
  assert.deepEqual([world.seen.calls, world.told.at(-1)?.status], [0, 'EXPIRED']);
});

test('trouble and withdrawn calls do not count against the retry rule', async () => {
  const script = [...Array.from({ length: 25 }, () => answer(403)), answer(429), ACCEPTED];
  const { clock, delivery, told } = setUp(...script);
  const ending = delivery.deliver(message(), NOTHING_MADE, 0);
  await clock.advance(10 * 3_600_000);
  assert.equal(await ending, 'done');
  assert.deepEqual([told.at(-1)?.status, told.at(-1)?.attempt], ['ACCEPTED', 27]);
});

test('several messages that meet trouble together all come to their end', async () => {
  const { clock, delivery, told } = setUp(
    ...Array.from({ length: 3 }, () => answer(401)),
    ...Array.from({ length: 8 }, () => ACCEPTED),
  );
  const endings = ['a', 'b', 'c', 'd'].map((message_id) =>
    delivery.deliver(message('otp', { message_id }), NOTHING_MADE, 0),
  );
  await clock.advance(60_000);
  assert.deepEqual(await Promise.all(endings), ['done', 'done', 'done', 'done']);
  assert.ok(told.every(({ retryAt }) => retryAt === undefined || Number.isInteger(retryAt)));
});

test('5xx again and again is trouble of Verihubs: sending stops', async () => {
  const { clock, delivery, seen } = setUp(...Array.from({ length: 6 }, () => answer(500)));
  for (let i = 0; i < 20; i++)
    void delivery.deliver(message('marketing', { message_id: `m${i}` }), NOTHING_MADE, 0);
  await clock.advance(900);
  assert.deepEqual([seen.calls, seen.opened], [5, 1]);
});

test('429 is tried again after its back-off until it gives up', async () => {
  const { maxAttempts } = RETRY_RULES['rate-limited'];
  const { clock, delivery, seen, told } = setUp(...Array.from({ length: maxAttempts }, () => answer(429)));
  const ending = delivery.deliver(message(), NOTHING_MADE, 0);
  await clock.advance(3_600_000);
  assert.equal(await ending, 'done');
  assert.equal(seen.calls, maxAttempts);
  assert.deepEqual([told.at(-1)?.status, told.at(-1)?.attempt], ['GAVE_UP', maxAttempts]);
});

test('a message that expires while it waits to be tried again ends at that moment', async () => {
  const { clock, delivery, seen, told } = setUp(answer(429, '{}', '600'));
  const ending = delivery.deliver(message('otp', { expires_at: 1_005_000 }), NOTHING_MADE, 0);
  await clock.advance(4_999);
  assert.equal(told.at(-1)?.status, 'RETRYING');
  await clock.advance(1);
  assert.equal(await ending, 'done');
  assert.deepEqual(
    [told.at(-1)?.status, told.at(-1)?.reason, seen.calls],
    ['EXPIRED', '0 ms after expires_at', 1],
  );
});

test('trouble with the account refuses nothing and goes on once it is over', async () => {
  const { clock, delivery, seen, statuses } = setUp(answer(401), answer(401), ACCEPTED);
  const ending = delivery.deliver(message(), NOTHING_MADE, 0);
  await clock.advance(10_000);
  assert.equal(await ending, 'done');
  assert.deepEqual(statuses().slice(-2), ['ATTEMPTED 3', 'ACCEPTED 3']);
  assert.deepEqual([seen.opened, seen.closed], [1, 1]);
});

test('when the term ends, what has no slot yet is closed as not made, and the record is left', async () => {
  const { clock, over, gates, delivery, seen, statuses } = setUp(ACCEPTED);
  const first = delivery.deliver(message(), NOTHING_MADE, 0);
  const second = delivery.deliver(message('transactional', { message_id: 'other' }), NOTHING_MADE, 0);
  await clock.advance(0);
  over.abort();
  gates.close();
  assert.deepEqual([await first, await second], ['done', 'left']);
  assert.equal(seen.calls, 1);
  assert.deepEqual(statuses().toSorted(), ['ACCEPTED 1', 'ATTEMPTED 1', 'ATTEMPTED 1', 'RETRYING 1']);
});

test('when the term ends, what waits for word or for its next attempt is left as it is', async () => {
  const { clock, over, gates, delivery, statuses } = setUp(LOST, answer(429));
  const doubt = delivery.deliver(message(), NOTHING_MADE, 0);
  const parked = delivery.deliver(message('otp', { message_id: 'other' }), NOTHING_MADE, 0);
  await clock.advance(100);
  over.abort();
  gates.close();
  assert.deepEqual([await doubt, await parked], ['left', 'left']);
  assert.deepEqual(statuses().toSorted(), ['ATTEMPTED 1', 'ATTEMPTED 1', 'RETRYING 1']);
});

test('a message that somebody else settled while it waited is not sent', async () => {
  const { clock, delivery, ledger, seen, statuses } = setUp();
  const ending = delivery.deliver(message(), { ...NOTHING_MADE, attempts: 1 }, 5_000);
  const settled = senderEvent(message(), { status: 'ACCEPTED', attempt: 1, attemptId: '1.q' }, undefined, 0);
  await clock.advance(1_000);
  ledger.learn(settled, LOG);
  await clock.advance(10_000);
  assert.equal(await ending, 'done');
  assert.deepEqual([seen.calls, statuses()], [0, []]);
});

test('a process that was stopped between slot and first byte makes no call when it wakes', async () => {
  const world = setUp(ACCEPTED);
  world.beforeFirstByte(() => {
    world.lease.holds = false;
  });
  const ending = world.delivery.deliver(message(), NOTHING_MADE, 0);
  await world.clock.advance(5_000);
  assert.equal(world.seen.calls, 0);
  assert.deepEqual(world.statuses(), ['ATTEMPTED 1', 'RETRYING 1']);
  world.beforeFirstByte(() => {});
  world.lease.holds = true;
  await world.clock.advance(1_000);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), ['ATTEMPTED 1', 'RETRYING 1', 'ATTEMPTED 2', 'ACCEPTED 2']);
});
