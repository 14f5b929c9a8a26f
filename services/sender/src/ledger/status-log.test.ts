/** The status log as a replica follows it. Kafka's reader and admin and the decoder are doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Admin, AssignedPartition, CommittedOffset, StartAt } from '@whatsapp-stream/kafka';
import { createLogger } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { encodeLogPositions, type LogPositions } from './log-positions.ts';
import { createSettledMessages } from './settled.ts';
import { followLog } from './status-log.ts';

const STATUS = 'x.status';
const LANE = 'x.otp';
const unused = () => assert.fail('the status log does not use this');
const at = (position: number): LogPositions => new Map([[0, position]]);

/** The log holds 100 to 900 in one partition, the dedupe window begins at 600; the lane holds 0 to 10. */
function setUp(commit: CommittedOffset | null = { offset: 5, metadata: encodeLogPositions(at(700)) }) {
  const clock = manualClock();
  const world = { commit, away: false, arrivesAt: 900, closes: true };
  /** Where readers began, and those that were closed. */
  const readers: { readonly from: StartAt; closed: boolean }[] = [];
  const admin: Admin = {
    createTopic: unused,
    describeTopic: unused,
    brokerCount: unused,
    addPartitions: unused,
    async offsets(topic) {
      if (world.away) throw new Error('away');
      return new Map([[0, topic === STATUS ? { low: 100, high: 900 } : { low: 0, high: 10 }]]);
    },
    offsetsAt: async () => at(600),
    committed: async () => new Map([[LANE, new Map(world.commit ? [[0, world.commit]] : [])]]),
    close: async () => {},
  };
  const settled = createSettledMessages({ windowMs: 1_000, maxMessages: 1, chunkMessages: 1 });
  const log = followLog({
    kafka: {
      admin: async () => admin,
      async readTopic(_topic, from) {
        const reader = { from, closed: false };
        readers.push(reader);
        return {
          positions: () => at(world.arrivesAt),
          close: async () => {
            if (!world.closes) throw new Error('cannot be closed');
            reader.closed = true;
          },
        };
      },
    },
    statusTopic: STATUS,
    sendTopics: [LANE],
    group: 'g',
    decoder: { decode: unused },
    ledger: { learn: unused, size: () => 0 },
    settled,
    dedupeWindowMs: 1_000,
    onLearnt: unused,
    onSkipped: unused,
    onFailed: unused,
    clock,
    log: createLogger('status-log-test', 'silent'),
  });
  const assigned = (): AssignedPartition[] => [
    { topic: LANE, partition: 0, committed: world.commit, startsAt: world.commit?.offset ?? 0 },
  ];
  return { clock, world, readers, settled, log, assigned };
}

const never = new AbortController().signal;

test('it is followed from where the dedupe window begins, or further back if the committed offsets need it', async () => {
  const recent = setUp();
  await recent.clock.advance(0);
  assert.deepEqual(recent.readers, [{ from: at(600), closed: false }]);
  const old = setUp({ offset: 5, metadata: encodeLogPositions(at(300)) });
  await old.clock.advance(0);
  assert.deepEqual(old.readers, [{ from: at(300), closed: false }]);
});

test('a new term reads only what has come since', async () => {
  const { clock, readers, log, assigned } = setUp();
  await clock.advance(0);
  const recovered = await log.recover(assigned(), never);
  assert.deepEqual(recovered?.reachOf({ topic: LANE, partition: 0 }), at(700));
  assert.equal(readers.length, 1);
  assert.deepEqual(log.positions(), at(900));
});

test('a new term begins when the log was read to its end', async () => {
  const { clock, world, log, assigned } = setUp();
  world.arrivesAt = 899;
  let begun = false;
  void log.recover(assigned(), never).then(() => {
    begun = true;
  });
  await clock.advance(5_000);
  assert.equal(begun, false);
  world.arrivesAt = 900;
  await clock.advance(100);
  assert.equal(begun, true);
});

test('what was forgotten, and the committed offsets still need, is read again', async () => {
  const { clock, readers, settled, log, assigned } = setUp();
  await clock.advance(0);
  for (const offset of [750, 751]) settled.remember(`m${offset}`, null, { partition: 0, offset }, 0);
  await log.recover(assigned(), never);
  assert.deepEqual(
    readers.map(({ from, closed }) => [from, closed]),
    [
      [at(600), true],
      [at(700), false],
    ],
  );
  assert.deepEqual(settled.completeFrom(), at(700));
});

test('what lies before the start of the reading is read, if the committed offsets need it', async () => {
  const { clock, world, readers, log, assigned } = setUp();
  await clock.advance(0);
  world.commit = { offset: 5, metadata: encodeLogPositions(at(200)) };
  await log.recover(assigned(), never);
  assert.deepEqual(readers.at(-1)?.from, at(200));
});

test('during a term nothing is forgotten that the committed offsets need, and after it the bounds hold', async () => {
  const { clock, settled, log, assigned } = setUp();
  await clock.advance(0);
  const term = new AbortController();
  await log.recover(assigned(), term.signal);
  const remember = (offset: number) => settled.remember(`m${offset}`, null, { partition: 0, offset }, 0);
  for (const offset of [800, 801, 802]) remember(offset);
  assert.equal(settled.size(), 3);
  log.needsFrom(at(802));
  remember(803);
  assert.equal(settled.size(), 2);
  term.abort();
  remember(804);
  assert.equal(settled.size(), 1);
});

test('brokers that are away are waited for, until the term ends', async () => {
  const { clock, world, readers, log, assigned } = setUp();
  world.away = true;
  const term = new AbortController();
  const recovered = log.recover(assigned(), term.signal);
  await clock.advance(10_000);
  term.abort();
  assert.equal(await recovered, null);
  world.away = false;
  await clock.advance(2_000);
  assert.equal(readers.length, 1);
  assert.notEqual(await log.recover(assigned(), never), null);
  await log.close();
  assert.deepEqual(
    readers.map(({ closed }) => closed),
    [true],
  );
});

test('what the reader had not read yet is not passed over when more is read again', async () => {
  const { clock, world, readers, log, assigned } = setUp();
  await clock.advance(0);
  world.arrivesAt = 150;
  world.commit = { offset: 5, metadata: encodeLogPositions(at(200)) };
  const recovered = log.recover(assigned(), never);
  await clock.advance(0);
  assert.deepEqual(readers.at(-1)?.from, at(150));
  world.arrivesAt = 900;
  await clock.advance(100);
  assert.notEqual(await recovered, null);
});

test('a reader that cannot be closed does not keep the term from beginning', async () => {
  const { clock, world, readers, log, assigned } = setUp();
  await clock.advance(0);
  world.closes = false;
  world.commit = { offset: 5, metadata: encodeLogPositions(at(200)) };
  assert.notEqual(await log.recover(assigned(), never), null);
  assert.equal(readers.length, 2);
});

test('a term that ends while it asks pins nothing, and the log is followed on', async () => {
  const { clock, world, settled, log, assigned } = setUp();
  await clock.advance(0);
  const term = new AbortController();
  const recovered = log.recover(assigned(), term.signal);
  term.abort();
  assert.equal(await recovered, null);
  for (const offset of [800, 801, 802]) settled.remember(`m${offset}`, null, { partition: 0, offset }, 0);
  assert.equal(settled.size(), 1);
  world.commit = null;
  assert.deepEqual(log.positions(), at(900));
});

test('to have heard the log means to have read it up to where it ended when that was asked', async () => {
  const { clock, world, log } = setUp();
  await clock.advance(0);
  world.arrivesAt = 899;
  let heard: boolean | undefined;
  void log.heard(never).then((result) => {
    heard = result;
  });
  await clock.advance(5_000);
  assert.equal(heard, undefined);
  world.arrivesAt = 900;
  await clock.advance(100);
  assert.equal(heard, true);
});

test('a log that cannot be heard is waited for, until the term ends', async () => {
  const { clock, world, log } = setUp();
  await clock.advance(0);
  world.away = true;
  const term = new AbortController();
  const heard = log.heard(term.signal);
  await clock.advance(10_000);
  term.abort();
  assert.equal(await heard, false);
  world.away = false;
  const again = log.heard(never);
  await clock.advance(2_000);
  assert.equal(await again, true);
});

test('while a term waits for the log, it tells how far it has come', async () => {
  const { clock, world, log, assigned } = setUp();
  await clock.advance(0);
  assert.equal(log.reading(), null);
  world.arrivesAt = 850;
  const recovered = log.recover(assigned(), never);
  await clock.advance(0);
  assert.equal(log.reading(), 850);
  world.arrivesAt = 900;
  await clock.advance(100);
  await recovered;
  assert.equal(log.reading(), null);
});
