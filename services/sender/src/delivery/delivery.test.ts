/**
 * What leads from a message to its end. Ledger, gates, circuit and pace are the real ones, on a clock that is
 * moved by hand; the call to Verihubs and the writing to Kafka are doubled.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  newSendRequest,
  newStatusEvent,
  newTemplate,
  type SendRequest,
  type Status,
} from '@whatsapp-stream/schemas';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { NOTHING_MADE } from '../admission/progress.ts';
import { type Fact, senderEvent } from '../ledger/events.ts';
import { createLedger } from '../ledger/ledger.ts';
import { createSettledMessages } from '../ledger/settled.ts';
import type { Message } from '../message.ts';
import { createCircuit } from '../pacing/circuit.ts';
import { createGates } from '../pacing/gates.ts';
import { createPace } from '../pacing/pace.ts';
import { RETRY_RULES } from '../pacing/retry.ts';
import type { Stage } from '../watchdog/whereabouts.ts';
import type { CallResult } from './call.ts';
import { createDelivery } from './delivery.ts';

const GRACE_MS = 30_000;
/** Somewhere in the log. */
const LOG = { partition: 0, offset: 0 };
const answer = (httpStatus: number, body = '{}', retryAfter: string | null = null): CallResult => ({
  kind: 'answered',
  httpStatus,
  body,
  retryAfter,
  tookMs: 1,
});
const ACCEPTED = answer(201, '{"session_id":"s-1"}');
const LOST: CallResult = { kind: 'no-answer', why: 'reset' };

function message(lane = 'transactional', more: Partial<SendRequest> = {}): Message {
  const template = newTemplate({ name: 't', lang_code: 'id' });
  const request = newSendRequest({ message_id: 'm', msisdn: '628001', template, requested_at: 0, ...more });
  const record = { topic: `x.${lane}`, partition: 0, offset: 0, timestamp: 0, headers: {} };
  const place = { at: () => {} };
  return { request, lane, laneIndex: lane === 'otp' ? 0 : 1, record, content: 0, place };
}

/** @param script what each call brings, in order; a function may act before it answers */
function setUp(...script: (CallResult | (() => CallResult))[]) {
  const clock = manualClock(1_000_000);
  const over = new AbortController();
  const circuit = createCircuit({ firstMs: 1_000, maxMs: 60_000 });
  const gates = createGates({
    lanes: 2,
    ahead: 2,
    maxCalls: 10,
    pace: createPace({ limit: 50, windowMs: 1_000 }),
    circuit,
    isActive: () => lease.holds,
    clock,
  });
  const ledger = createLedger({
    append: async () => true,
    settled: createSettledMessages({ windowMs: 1e9, maxMessages: 100 }),
    clock,
  });
  const told: Fact[] = [];
  const lease = { holds: true };
  const seen = { calls: 0, resent: 0, opened: 0, closed: 0 };
  const delivery = createDelivery({
    gates,
    circuit,
    ledger,
    clock,
    over: over.signal,
    isActive: () => lease.holds,
    random: () => 0,
    doubtGraceMs: () => GRACE_MS,
    heard: () => hears(),
    attemptId: (attempt) => `${attempt}.p`,
    async tell(of, fact) {
      told.push(fact);
      await beforeTold();
      return ledger.write(senderEvent(of, fact, undefined, clock.now()), {});
    },
    async call(_message, _attempt, _attemptId, mayLeave) {
      await beforeByte();
      if (!mayLeave()) return { kind: 'not-sent', cause: 'withdrawn', why: 'withdrawn' };
      const next = script[seen.calls];
      seen.calls += 1;
      assert.ok(next, 'a call that nobody expected');
      return typeof next === 'function' ? next() : next;
    },
    observe: {
      called: () => {},
      resent: () => (seen.resent += 1),
      circuitOpened: () => (seen.opened += 1),
      circuitClosed: () => (seen.closed += 1),
    },
  });
  let beforeByte: () => unknown = () => {};
  let beforeTold: () => unknown = () => {};
  let hears = async () => true;
  const callback = (attemptId: string) =>
    ledger.learn(
      newStatusEvent({
        event_id: 'c',
        message_id: 'm',
        status: 'SENT',
        origin: 'CALLBACK',
        attempt: 1,
        attempt_id: attemptId,
        occurred_at: clock.now(),
      }),
      LOG,
    );
  const statuses = () => told.map(({ status, attempt }) => `${status} ${attempt}`);
  return {
    clock,
    over,
    lease,
    gates,
    ledger,
    told,
    seen,
    delivery,
    callback,
    statuses,
    hears: (act: () => Promise<boolean>) => {
      hears = act;
    },
    beforeTold: (act: () => unknown) => {
      beforeTold = act;
    },
    beforeFirstByte: (act: () => unknown) => {
      beforeByte = act;
    },
  };
}

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
  const ending = world.delivery.deliver({ ...message(), place: { at } }, NOTHING_MADE, 0);
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
  assert.deepEqual(
    [world.seen.calls, world.statuses()],
    [1, ['ATTEMPTED 1', 'ATTEMPTED 2', 'RETRYING 2', 'ACCEPTED 1']],
  );
});

test('without the lease no message is ended without a call; when the term ends it is left', async () => {
  const ends = [
    (world: ReturnType<typeof setUp>) => world.delivery.refuse(message(), 'invalid'),
    (world: ReturnType<typeof setUp>) => world.delivery.expire(message('otp', { expires_at: 1 }), 0),
    (world: ReturnType<typeof setUp>) =>
      world.delivery.resolveDoubt(message(), { ...NOTHING_MADE, attempts: 1, doubts: 1 }, '1.q'),
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
