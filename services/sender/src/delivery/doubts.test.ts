/** What becomes of a message that may have been taken; see `test-support.ts` for what is doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Status } from '@whatsapp-stream/schemas';
import { NOTHING_MADE } from '../admission/progress.ts';
import { senderEvent } from '../ledger/events.ts';
import { ACCEPTED, answer, GRACE_MS, LOG, LOST, message, setUp } from './test-support.ts';

test('a callback ends the doubt: accepted, not sent again', async () => {
  const { clock, delivery, callback, seen, told } = setUp(LOST);
  const ending = delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await clock.advance(1_000);
  callback('1.p');
  assert.equal(await ending, 'done');
  assert.deepEqual([told.at(-1)?.status, told.at(-1)?.httpStatus, seen.calls], ['ACCEPTED', undefined, 1]);
});

test('a callback that came before the answer was lost counts too', async () => {
  const world = setUp(() => {
    world.callback('1.p');
    return LOST;
  });
  const ending = world.delivery.deliver(message(), NOTHING_MADE, 0);
  await world.clock.advance(100);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), ['ATTEMPTED 1', 'ACCEPTED 1']);
});

test('without word a message is held, an otp is sent again', async () => {
  const held = setUp(LOST);
  const heldEnding = held.delivery.deliver(message(), NOTHING_MADE, 0);
  await held.clock.advance(GRACE_MS - 1);
  assert.deepEqual(held.statuses(), ['ATTEMPTED 1']);
  await held.clock.advance(1_000);
  assert.equal(await heldEnding, 'done');
  assert.deepEqual(held.statuses(), ['ATTEMPTED 1', 'IN_DOUBT 1']);

  const otp = setUp(LOST, ACCEPTED);
  const otpEnding = otp.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await otp.clock.advance(GRACE_MS + 1_000);
  assert.equal(await otpEnding, 'done');
  assert.deepEqual(otp.statuses(), ['ATTEMPTED 1', 'ATTEMPTED 2', 'ACCEPTED 2']);
  assert.equal(otp.seen.resent, 1);
});

test('what may have been taken never ends as refused, expired or given up', async () => {
  const refused = setUp(LOST, answer(409));
  const first = refused.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await refused.clock.advance(GRACE_MS + 1_000);
  await first;
  assert.equal(refused.told.at(-1)?.status, 'IN_DOUBT' satisfies Status);

  const expired = setUp(LOST);
  const second = expired.delivery.deliver(message('otp', { expires_at: 1_010_000 }), NOTHING_MADE, 0);
  await expired.clock.advance(GRACE_MS + 1_000);
  await second;
  assert.deepEqual(expired.statuses(), ['ATTEMPTED 1', 'IN_DOUBT 1']);
});

test('before a doubt is decided, what is in the log already has been heard', async () => {
  const world = setUp(LOST);
  const heard = Promise.withResolvers<boolean>();
  world.hears(() => heard.promise);
  const ending = world.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await world.clock.advance(GRACE_MS + 1_000);
  assert.deepEqual(world.statuses(), ['ATTEMPTED 1']);
  world.callback('1.p');
  heard.resolve(true);
  await world.clock.advance(0);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), ['ATTEMPTED 1', 'ACCEPTED 1']);
});

test('a grace time in which the log could not be heard says nothing: another one is waited', async () => {
  const world = setUp(LOST, ACCEPTED);
  let away = Promise.withResolvers<boolean>();
  world.hears(() => away.promise);
  const ending = world.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await world.clock.advance(GRACE_MS + 10_000);
  away.resolve(true);
  await world.clock.advance(GRACE_MS - 1_000);
  assert.equal(world.seen.resent, 0);
  await world.clock.advance(2_000);
  assert.deepEqual([await ending, world.seen.resent], ['done', 1]);
  const over = setUp(LOST);
  away = Promise.withResolvers();
  over.hears(() => away.promise);
  const left = over.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await over.clock.advance(GRACE_MS + 1_000);
  away.resolve(false);
  assert.equal(await left, 'left');
});

/** Another process has written an attempt that we have not heard of before. */
const foreign = () =>
  senderEvent(message(), { status: 'ATTEMPTED', attempt: 1, attemptId: '1.q' }, undefined, 0);

test('an attempt of another process that is heard of late is in doubt, before ours is written and after', async () => {
  const early = setUp();
  early.ledger.learn(foreign(), LOG);
  const ending = early.delivery.deliver(message(), NOTHING_MADE, 0);
  await early.clock.advance(GRACE_MS + 1_000);
  assert.equal(await ending, 'done');
  assert.deepEqual([early.seen.calls, early.statuses()], [0, ['IN_DOUBT 1']]);

  const late = setUp();
  late.beforeFirstByte(() => late.ledger.learn(foreign(), LOG));
  const lateEnding = late.delivery.deliver(message(), NOTHING_MADE, 0);
  await late.clock.advance(GRACE_MS + 1_000);
  assert.equal(await lateEnding, 'done');
  assert.deepEqual([late.seen.calls, late.statuses()], [0, ['ATTEMPTED 1', 'RETRYING 1', 'IN_DOUBT 1']]);
});

test('who waits for word of another attempt holds no turn', async () => {
  const world = setUp(ACCEPTED, ACCEPTED, ACCEPTED);
  for (const id of ['a', 'b', 'c']) {
    world.ledger.learn({ ...foreign(), message_id: id }, LOG);
    void world.delivery.deliver(message('otp', { message_id: id }), NOTHING_MADE, 0);
  }
  const ending = world.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await world.clock.advance(1_000);
  assert.equal(await ending, 'done');
});

test('word of an earlier attempt that comes right before the first byte holds it back', async () => {
  const world = setUp(LOST);
  const ending = world.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await world.clock.advance(GRACE_MS - 1_000);
  world.beforeFirstByte(() => world.callback('1.p'));
  await world.clock.advance(5_000);
  assert.equal(await ending, 'done');
  assert.deepEqual([world.seen.calls, world.statuses()], [1, ['ATTEMPTED 1', 'ATTEMPTED 2', 'ACCEPTED 1']]);
});

const ONE_IN_DOUBT = { ...NOTHING_MADE, attempts: 1, doubts: 1 };

/** Another process tells of its attempt 1.q. */
function toldByAnother(
  world: ReturnType<typeof setUp>,
  status: 'ATTEMPTED' | 'ACCEPTED',
  lane = 'otp',
): void {
  const fact = { status, attempt: 1, attemptId: '1.q' };
  world.ledger.learn(senderEvent(message(lane), fact, undefined, 0), LOG);
}

/** What becomes of an otp of which another process made the attempt 1.q. */
async function decideAfterGrace(world: ReturnType<typeof setUp>): Promise<void> {
  const ending = world.delivery.resolveDoubt(message('otp'), ONE_IN_DOUBT, '1.q');
  await world.clock.advance(GRACE_MS + 1_000);
  assert.equal(await ending, 'done');
}

test('what is in doubt is not sent again for a request of another lane under the same id', async () => {
  const world = setUp();
  toldByAnother(world, 'ATTEMPTED', 'marketing');
  await decideAfterGrace(world);
  assert.deepEqual([world.seen.calls, world.statuses()], [0, ['IN_DOUBT 1']]);
});

test('without the lease no message is ended without a call; when the term ends it is left', async () => {
  const ends = [
    (world: ReturnType<typeof setUp>) => world.delivery.refuse(message(), 0, 'invalid'),
    (world: ReturnType<typeof setUp>) => world.delivery.cancel(message(), 0, 'called back'),
    (world: ReturnType<typeof setUp>) => world.delivery.expire(message('otp', { expires_at: 1 }), 0),
    (world: ReturnType<typeof setUp>) => world.delivery.resolveDoubt(message(), ONE_IN_DOUBT, '1.q'),
  ];
  for (const [i, end] of ends.entries()) {
    const world = setUp();
    world.ledger.learn(foreign(), LOG);
    world.lease.holds = false;
    const ending = end(world);
    await world.clock.advance(GRACE_MS + 1_000);
    assert.deepEqual(world.statuses(), []);
    if (i === 0) world.over.abort();
    else world.lease.holds = true;
    await world.clock.advance(1_000);
    assert.equal(await ending, i === 0 ? 'left' : 'done');
    assert.equal(world.statuses().length, i === 0 ? 0 : 1);
  }
});

test('word of an attempt that comes while another one is refused or given up settles the message as accepted', async () => {
  const world = setUp(LOST, () => {
    world.callback('1.p');
    return answer(409);
  });
  const ending = world.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await world.clock.advance(GRACE_MS + 1_000);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), ['ATTEMPTED 1', 'ATTEMPTED 2', 'ACCEPTED 1']);
});

test('word that comes right before the first byte counts also for what has expired by then', async () => {
  const world = setUp(LOST);
  const expires_at = 1_000_000 + GRACE_MS + 10_000;
  const ending = world.delivery.deliver(message('otp', { expires_at }), NOTHING_MADE, 0);
  await world.clock.advance(GRACE_MS - 1_000);
  world.beforeFirstByte(async () => {
    world.callback('1.p');
    await world.clock.advance(20_000);
  });
  await world.clock.advance(5_000);
  assert.equal(await ending, 'done');
  assert.deepEqual([world.seen.calls, world.told.at(-1)?.status], [1, 'ACCEPTED']);
});

test('what somebody else settled is not ended once more, although it has expired', async () => {
  const world = setUp();
  world.beforeFirstByte(async () => {
    toldByAnother(world, 'ACCEPTED');
    await world.clock.advance(10_000);
  });
  const ending = world.delivery.deliver(message('otp', { expires_at: 1_005_000 }), NOTHING_MADE, 0);
  await world.clock.advance(1_000);
  assert.equal(await ending, 'done');
  assert.ok(!world.statuses().includes('EXPIRED 1'), world.statuses().join());
});

test('word that comes while a message waits for the lease to be held is not decided over', async () => {
  const world = setUp();
  world.ledger.learn(foreign(), LOG);
  world.lease.holds = false;
  const ending = world.delivery.resolveDoubt(message(), ONE_IN_DOUBT, '1.q');
  await world.clock.advance(GRACE_MS + 1_000);
  world.callback('1.q');
  await world.clock.advance(1_000);
  world.lease.holds = true;
  await world.clock.advance(1_000);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), ['ACCEPTED 1']);
});

test('what somebody else settled during the call of a resend is not ended once more', async () => {
  const world = setUp(() => {
    toldByAnother(world, 'ACCEPTED');
    return answer(409);
  });
  toldByAnother(world, 'ATTEMPTED');
  await decideAfterGrace(world);
  assert.deepEqual(world.statuses(), ['ATTEMPTED 2']);
});

test('a resend that is taken back because somebody else settled the message leaves its state settled', async () => {
  const world = setUp();
  toldByAnother(world, 'ATTEMPTED');
  world.beforeFirstByte(() => toldByAnother(world, 'ACCEPTED'));
  await decideAfterGrace(world);
  assert.deepEqual([world.seen.calls, world.statuses()], [0, ['ATTEMPTED 2']]);
});

test('what somebody else settled while the lease was waited for is not expired', async () => {
  const world = setUp();
  world.lease.holds = false;
  const ending = world.delivery.expire(message(), 0);
  await world.clock.advance(1_000);
  toldByAnother(world, 'ACCEPTED');
  world.lease.holds = true;
  await world.clock.advance(1_000);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), []);
});
