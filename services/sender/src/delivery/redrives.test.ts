/** Redrives, and what an operator or a recipient has to say against a message. See `test-support.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent, redriveSuffix } from '@whatsapp-stream/schemas';
import { NOTHING_MADE } from '../admission/progress.ts';
import { ACCEPTED, answer, LOG, LOST, message, redriveOf, setUp } from './test-support.ts';

const OF = 'closing-event';
const MADE = { ...NOTHING_MADE, attempts: 1 };

function rejected(attemptId = '1.p') {
  return newStatusEvent({
    event_id: OF,
    message_id: 'm',
    status: 'REJECTED',
    origin: 'CALLBACK',
    attempt: 1,
    attempt_id: attemptId,
    occurred_at: 0,
  });
}

/** A message that was accepted and then rejected by a callback. */
async function afterRejection(...script: Parameters<typeof setUp>) {
  const world = setUp(ACCEPTED, ...script);
  const ending = world.delivery.deliver(message(), NOTHING_MADE, 0);
  await world.clock.advance(100);
  assert.equal(await ending, 'done');
  world.ledger.learn(rejected(), LOG);
  world.told.length = 0;
  return world;
}

test('a redrive is sent, counts on, and names itself in its attempts', async () => {
  const world = await afterRejection(ACCEPTED);
  const ending = world.delivery.deliver(redriveOf(message(), OF, 1), MADE, 0);
  await world.clock.advance(100);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), ['ATTEMPTED 2', 'ACCEPTED 2']);
  assert.ok(world.told.every(({ attemptId }) => attemptId === `2.p.${redriveSuffix(OF)}`));
});

test('of two redrives of one message the second is passed over once the first was accepted', async () => {
  const world = await afterRejection(ACCEPTED);
  const endings = [OF, 'another-event'].map((of) =>
    world.delivery.deliver(redriveOf(message(), of, 1), MADE, 0),
  );
  await world.clock.advance(1_000);
  assert.deepEqual(await Promise.all(endings), ['done', 'done']);
  assert.deepEqual(world.seen.calls, 2);
});

test('a redrive is not sent when word comes, right before its first byte, that the message was taken', async () => {
  const world = await afterRejection();
  const ending = world.delivery.deliver(redriveOf(message(), OF, 1), MADE, 0);
  world.beforeFirstByte(() => world.ledger.learn({ ...rejected(), status: 'READ' }, LOG));
  await world.clock.advance(2_000);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.seen.calls, 1);
  assert.deepEqual(world.statuses(), ['ATTEMPTED 2', 'RETRYING 2']);
});

test('a callback of a redrive speaks of it alone', async () => {
  const world = await afterRejection(LOST);
  const redrive = redriveOf(message(), OF, 1);
  const ending = world.delivery.deliver(redrive, MADE, 0);
  await world.clock.advance(100);
  assert.deepEqual(world.ledger.standing('m').kind, 'settled');
  assert.deepEqual(world.ledger.standing(redrive.unit).kind, 'doubt');
  world.callback(`2.p.${redriveSuffix(OF)}`);
  await world.clock.advance(100);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), ['ATTEMPTED 2', 'ACCEPTED 2']);
});

for (const [kind, status] of [
  ['cancel', 'CANCELLED'],
  ['refuse', 'REFUSED'],
] as const) {
  test(`an objection (${kind}) that comes while a message waits ends it without a call`, async () => {
    const world = setUp(answer(429), ACCEPTED);
    const ending = world.delivery.deliver(message(), NOTHING_MADE, 0);
    await world.clock.advance(100);
    world.objection.now = { kind, reason: 'said so' };
    await world.clock.advance(60_000);
    assert.equal(await ending, 'done');
    assert.deepEqual(world.statuses(), ['ATTEMPTED 1', 'RETRYING 1', `${status} 1`]);
    assert.equal(world.seen.calls, 1);
  });

  test(`an objection (${kind}) that comes right before the first byte holds it back`, async () => {
    const world = setUp();
    const ending = world.delivery.deliver(message(), NOTHING_MADE, 0);
    world.beforeFirstByte(() => {
      world.objection.now = { kind, reason: 'said so' };
    });
    await world.clock.advance(2_000);
    assert.equal(await ending, 'done');
    assert.deepEqual(world.statuses(), ['ATTEMPTED 1', 'RETRYING 1', `${status} 1`]);
  });
}

test('what may have been taken does not end as cancelled', async () => {
  const world = setUp(LOST);
  const ending = world.delivery.deliver(message('otp'), NOTHING_MADE, 0);
  await world.clock.advance(100);
  world.objection.now = { kind: 'cancel', reason: 'said so' };
  await world.clock.advance(60_000);
  assert.equal(await ending, 'done');
  assert.deepEqual(world.statuses(), ['ATTEMPTED 1', 'IN_DOUBT 1']);
  assert.match(world.told.at(-1)?.reason ?? '', /said so; an earlier attempt is still in doubt/);
});

test('in a lane that closes, what was written ahead is taken back and goes when it opens, or expires', async () => {
  const world = setUp(ACCEPTED, ACCEPTED);
  const first = world.delivery.deliver(message(), NOTHING_MADE, 0);
  await world.clock.advance(0);
  await first;
  world.told.length = 0;
  world.closedLanes.add(1);
  const expires_at = world.clock.now() + 5_000;
  const endings = [
    world.delivery.deliver(message('transactional', { message_id: 'n', expires_at }), NOTHING_MADE, 0),
    world.delivery.deliver(message('transactional', { message_id: 'o' }), NOTHING_MADE, 0),
  ];
  await world.clock.advance(10_000);
  assert.deepEqual(world.statuses(), ['EXPIRED 0']);
  assert.match(world.told[0]?.reason ?? '', /^\d{1,3} ms after expires_at$/);
  world.closedLanes.clear();
  world.gates.changed();
  await world.clock.advance(1_000);
  assert.deepEqual(await Promise.all(endings), ['done', 'done']);
  assert.deepEqual(world.statuses().slice(1), ['ATTEMPTED 1', 'ACCEPTED 1']);
});
