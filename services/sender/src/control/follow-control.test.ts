/** Follows a control topic that a test writes by hand: Kafka's reader and admin are doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Admin, StartAt, TopicReaderEvents } from '@whatsapp-stream/kafka';
import { type ControlChange, encodeControl } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { followControl } from './follow-control.ts';

const TOPIC = 'x.control';
const DAY_MS = 24 * 60 * 60 * 1_000;
const NOW = 1_000 * DAY_MS;
const unused = () => assert.fail('the control topic is not asked for this');
const PAUSE: ControlChange = {
  kind: 'brake',
  lane: 'otp',
  brake: { paused: true, reason: null, by: 'ana' },
};
const MESSAGE = { messageId: 'm', source: '', template: null, lane: 'otp', appendedAt: 0 };

function setUp({ away = false } = {}) {
  const clock = manualClock(NOW);
  /** What the topic holds, how far the reader has come, and whether the brokers answer. */
  const world = { end: 0, position: 0, away, opened: 0, open: false, adminsOpen: 0 };
  const told = { changes: 0, skipped: [] as string[], failed: [] as Error[] };
  let reader:
    | { readonly topic: string; readonly from: StartAt; readonly events: TopicReaderEvents }
    | undefined;
  const admin: Admin = {
    createTopic: unused,
    describeTopic: unused,
    brokerCount: unused,
    addPartitions: unused,
    offsetsAt: unused,
    committed: unused,
    async offsets() {
      if (world.away) throw new Error('away');
      return new Map([[0, { low: 0, high: world.end }]]);
    },
    close: async () => {
      world.adminsOpen -= 1;
    },
  };
  const control = followControl({
    kafka: {
      async admin() {
        world.adminsOpen += 1;
        return admin;
      },
      async readTopic(topic, from, events) {
        world.opened += 1;
        if (world.away) throw new Error('away');
        reader = { topic, from, events };
        world.open = true;
        return {
          positions: () => new Map([[0, world.position]]),
          close: async () => {
            world.open = false;
          },
        };
      },
    },
    topic: TOPIC,
    onChange: () => {
      told.changes += 1;
    },
    onSkipped: (reason) => told.skipped.push(reason),
    onFailed: (error) => told.failed.push(error),
    clock,
    log: createLogger('follow-control-test', 'silent'),
  });
  /** Brings records, as far as the reader is concerned. */
  function bring(...records: readonly { readonly key: string; readonly value: Buffer | null }[]): void {
    const first = world.position;
    world.position += records.length;
    reader?.events.records(
      records.map(({ key, value }, i) => ({
        topic: TOPIC,
        partition: 0,
        offset: first + i,
        timestamp: NOW,
        key: Buffer.from(key),
        value,
        headers: {},
      })),
    );
  }
  /** Asks whether it has caught up. @returns what tells, some ms later, what was answered, if it was */
  function catchUp(over = new AbortController().signal) {
    const answers: boolean[] = [];
    void control.caughtUp(over).then((answer) => answers.push(answer));
    return async (waitMs = 100) => {
      await clock.advance(waitMs);
      return answers[0] ?? 'waits';
    };
  }
  return { control, clock, world, told, bring, catchUp, readerOf: () => reader };
}

test('the topic is read from its beginning, and what ends the reader is handed on', async () => {
  const { clock, told, readerOf } = setUp();
  await clock.advance(0);
  const reader = readerOf();
  assert.ok(reader);
  assert.deepEqual([reader.topic, reader.from], [TOPIC, 'beginning']);
  reader.events.failed(new Error('it ended'));
  assert.deepEqual(told.failed.map(String), ['Error: it ended']);
});

test('a change is told once for what came together, and holds', async () => {
  const { control, clock, told, bring } = setUp();
  await clock.advance(0);
  const cancel: ControlChange = {
    kind: 'cancellation',
    id: 'a',
    cancellation: { match: { message_id: 'm' }, until: null, reason: null, by: null },
  };
  bring(encodeControl(PAUSE), encodeControl(cancel));
  assert.equal(told.changes, 1);
  assert.equal(control.brake('otp')?.reason, 'paused by ana');
  assert.ok(control.cancellation({ ...MESSAGE, appendedAt: NOW }));
});

test('a record that is not understood is counted, and the next one holds', async () => {
  const { control, clock, told, bring } = setUp();
  await clock.advance(0);
  bring({ key: 'brake:otp', value: Buffer.from('nonsense') });
  assert.deepEqual([told.skipped, told.changes], [['NOT_JSON'], 0]);
  bring(encodeControl(PAUSE));
  assert.ok(control.brake('otp'));
});

test('it has caught up once all is applied that was in the topic when it was asked', async () => {
  const { clock, world, bring, catchUp } = setUp();
  await clock.advance(0);
  world.end = 2;
  const state = catchUp();
  assert.equal(await state(), 'waits');
  bring(encodeControl(PAUSE));
  assert.equal(await state(), 'waits');
  world.end = 3;
  bring(encodeControl(PAUSE));
  assert.equal(await state(), true);
});

test('an empty topic has nothing to catch up with', async () => {
  const { catchUp } = setUp();
  assert.equal(await catchUp()(), true);
});

test('a broker that is away is waited for, at the start and when the end is asked for', async () => {
  const { world, catchUp } = setUp({ away: true });
  const first = catchUp();
  assert.equal(await first(60_000), 'waits');
  world.away = false;
  assert.deepEqual([await first(2_000), world.open], [true, true]);
  world.away = true;
  const second = catchUp();
  assert.equal(await second(60_000), 'waits');
  world.away = false;
  assert.deepEqual([await second(2_000), world.adminsOpen], [true, 0]);
});

test('the waiting ends at once when it is called off or all is closed', async () => {
  const { control, world, catchUp } = setUp();
  world.end = 1;
  const over = new AbortController();
  const state = catchUp(over.signal);
  const other = catchUp();
  assert.equal(await state(), 'waits');
  over.abort();
  assert.deepEqual([await state(0), await other(0)], [false, 'waits']);
  await control.close();
  assert.deepEqual([await other(0), world.open], [false, false]);
});

test('closed while a broker is away, it asks no more', async () => {
  const { control, clock, world } = setUp({ away: true });
  await clock.advance(10_000);
  const { opened } = world;
  await control.close();
  world.away = false;
  await clock.advance(60_000);
  assert.deepEqual([opened > 1, world.opened, world.open], [true, opened, false]);
});

test('a cancellation for records that no lane can hold any more is dropped', async () => {
  const { control, clock, bring } = setUp();
  await clock.advance(0);
  const until = (daysAgo: number): ControlChange => ({
    kind: 'cancellation',
    id: 'a',
    cancellation: { match: { source: '' }, until: NOW - daysAgo * DAY_MS, reason: null, by: null },
  });
  bring(encodeControl(until(14)));
  assert.ok(control.cancellation(MESSAGE));
  bring(encodeControl(until(16)));
  assert.equal(control.cancellation(MESSAGE), null);
});
