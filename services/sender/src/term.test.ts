/**
 * One term as the active sender. Partitions, low-water mark, claims and the way of a record are the real ones, on
 * a clock that is moved by hand; the delivery, the consumer, the gates and the follower of the log are doubled.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaRecord, OffsetCommit } from '@whatsapp-stream/kafka';
import { newSendRequest, newTemplate } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import type { Ending } from './journey.ts';
import type { Recovered } from './ledger/read-log.ts';
import { startTerm, type TermOptions } from './term.ts';

const EPOCH = 7;
const log = createLogger('term-test', 'silent');
const template = newTemplate({ name: 't', lang_code: 'id' });

function unused(): never {
  throw new Error('a term does not use this');
}

function record(offset: number, messageId = `m-${offset}`): KafkaRecord {
  const key = Buffer.from(messageId);
  return { topic: 'x.otp', partition: 0, offset, timestamp: 0, key, value: null, headers: {} };
}

function setUp(more: Partial<TermOptions> = {}) {
  const clock = manualClock();
  /** What the term did to others, in its order. */
  const calls: string[] = [];
  const started: number[] = [];
  const failures: Error[] = [];
  const ends = new Map<number, PromiseWithResolvers<Ending>>();
  const group = { takesCommits: true };
  const decoded = (messageId: string) => ({
    ok: true as const,
    value: newSendRequest({ message_id: messageId, msisdn: '628001', template, requested_at: 0 }),
    schemaId: 1,
    unknownFields: false,
  });
  const recovered: Recovered = {
    follower: {
      positions: () => new Map([[0, 3]]),
      reach: unused,
      close: async () => void calls.push('follower closed'),
    },
    logStart: new Map([[0, 1]]),
    attempted: { note: unused, complete: unused, highest: () => -1 },
  };
  const term = startTerm({
    epoch: EPOCH,
    assigned: [{ topic: 'x.otp', partition: 0, committed: null, startsAt: 0 }],
    recover: async () => recovered,
    rooms: () => ({
      decode: async ({ key }) => decoded(String(key)),
      deadLetter: unused,
      admit: () => ({ kind: 'deliver', attempts: 0, notBefore: 0 }),
      delivery: {
        deliver({ record: { offset } }) {
          started.push(offset);
          const end = Promise.withResolvers<Ending>();
          ends.set(offset, end);
          return end.promise;
        },
        resolveDoubt: unused,
        settleTaken: unused,
        refuse: unused,
        expire: unused,
      },
      passOver({ record: { offset } }) {
        calls.push(`passed over ${offset}`);
        return 'done';
      },
    }),
    gates: {
      turn: unused,
      giveBack: unused,
      slot: unused,
      ended: unused,
      circuitChanged: unused,
      close: () => calls.push('gates closed'),
      depth: unused,
    },
    laneOf: () => ({ lane: 'otp', laneIndex: 0 }),
    consumer: {
      pause: ({ partition }) => calls.push(`pause ${partition}`),
      resume: ({ partition }) => calls.push(`resume ${partition}`),
      async commit(epoch: number, commits: readonly OffsetCommit[]) {
        calls.push(`commit ${commits.map(({ offset }) => offset)} in ${epoch}`);
        return group.takesCommits;
      },
    },
    bounds: { maxUnfinished: 100, maxHeld: 100 },
    onFailed: (error) => failures.push(error),
    clock,
    log,
    ...more,
  });
  const end = (offset: number, ending: Ending) => ends.get(offset)?.resolve(ending);
  const fault = (offset: number) => ends.get(offset)?.reject(new Error('a fault'));
  /** @returns what was done since it was asked last */
  const since = () => calls.splice(0);
  return { term, clock, started, failures, group, recovered, end, fault, since };
}

test('nothing is delivered before the log was read, and then every partition is resumed', async () => {
  const read = Promise.withResolvers<Recovered>();
  const { term, clock, started, recovered, since } = setUp({ recover: () => read.promise });
  term.received([record(0)]);
  await clock.advance(5_000);
  assert.deepEqual([started, since()], [[], []]);
  read.resolve(recovered);
  await clock.advance(0);
  assert.deepEqual(since(), ['resume 0']);
});

test('each second what is done is committed, if it has changed', async () => {
  const { term, clock, end, since } = setUp();
  await clock.advance(1_000);
  assert.deepEqual(since(), ['resume 0', 'commit 0 in 7']);
  term.received([record(0), record(1)]);
  await clock.advance(1_000);
  assert.deepEqual(since(), []);
  end(0, 'done');
  await clock.advance(1_000);
  assert.deepEqual(since(), ['commit 1 in 7']);
});

test('a commit that was refused is tried again', async () => {
  const { clock, group, since } = setUp();
  group.takesCommits = false;
  await clock.advance(1_000);
  group.takesCommits = true;
  await clock.advance(2_000);
  assert.deepEqual(since(), ['resume 0', 'commit 0 in 7', 'commit 0 in 7']);
});

test('a record that was left, or met a fault of ours, holds the mark; those after it go on', async () => {
  for (const stops of ['left', 'fault'] as const) {
    const { term, clock, end, fault, since } = setUp();
    await clock.advance(0);
    term.received([record(0), record(1), record(2)]);
    await clock.advance(0);
    for (const offset of [0, 2]) end(offset, 'done');
    if (stops === 'left') end(1, 'left');
    else fault(1);
    await clock.advance(1_000);
    assert.deepEqual(since(), ['resume 0', 'commit 1 in 7'], stops);
    await term.finish();
    assert.deepEqual(since(), ['gates closed', 'follower closed'], stops);
  }
});

test('of two records with one message_id only one is under way; once it is done the id is free', async () => {
  const { term, clock, started, end, since } = setUp();
  await clock.advance(0);
  term.received([record(0, 'same'), record(1, 'same'), record(2, 'other')]);
  await clock.advance(0);
  assert.deepEqual(
    [started, since()],
    [
      [0, 2],
      ['resume 0', 'passed over 1'],
    ],
  );
  end(0, 'done');
  await clock.advance(0);
  term.received([record(3, 'same')]);
  await clock.advance(0);
  assert.deepEqual([started, since()], [[0, 2, 3], []]);
});

test('an ended term starts nothing, and commits once what was under way is done', async () => {
  const { term, clock, started, end, since } = setUp();
  await clock.advance(0);
  term.received([record(0)]);
  await clock.advance(0);
  const finished = Promise.all([term.finish(), term.finish()]);
  term.received([record(1)]);
  await clock.advance(5_000);
  assert.deepEqual([started, since()], [[0], ['resume 0', 'gates closed']]);
  end(0, 'done');
  await finished;
  await clock.advance(5_000);
  assert.deepEqual(since(), ['commit 1 in 7', 'follower closed']);
});

test('what ends late in an ended term resumes no partition: it is the next term’s', async () => {
  const { term, clock, end, since } = setUp({ bounds: { maxUnfinished: 1, maxHeld: 1 } });
  await clock.advance(0);
  term.received([record(0)]);
  const finished = term.finish();
  end(0, 'done');
  await clock.advance(0);
  end(0, 'done');
  await finished;
  assert.deepEqual(since(), ['resume 0', 'pause 0', 'gates closed', 'commit 1 in 7', 'follower closed']);
});

test('a term that ends while the log is read waits for that, and resumes nothing', async () => {
  const read = Promise.withResolvers<Recovered>();
  let over: AbortSignal | undefined;
  const recover = (signal: AbortSignal) => {
    over = signal;
    return read.promise;
  };
  const { term, clock, recovered, since } = setUp({ recover });
  const finished = term.finish();
  await clock.advance(0);
  assert.deepEqual([over?.aborted, since()], [true, ['gates closed']]);
  read.resolve(recovered);
  await finished;
  await clock.advance(5_000);
  assert.deepEqual(since(), ['commit 0 in 7', 'follower closed']);
});

test('a term that could not begin says why, and can be finished', async () => {
  const away = new Error('away');
  const { term, clock, failures } = setUp({ recover: () => Promise.reject(away) });
  await clock.advance(0);
  term.received([record(0)]);
  await term.finish();
  assert.deepEqual(failures, [away]);
});
