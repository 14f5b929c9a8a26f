/** One term as the active sender. The delivery, consumer, gates and status log are doubled. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { KafkaRecord, OffsetCommit } from '@whatsapp-stream/kafka';
import { newSendRequest } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { NOTHING_MADE } from './admission/progress.ts';
import type { Ending } from './journey.ts';
import { decodeLogPositions } from './ledger/log-positions.ts';
import type { Recovered } from './ledger/status-log.ts';
import { startTerm, type TermOptions } from './term.ts';
import { createWhereabouts } from './watchdog/whereabouts.ts';

const unused = () => assert.fail('a term does not use this');
const UNUSED_GATES = { turn: unused, giveBack: unused, slot: unused, ended: unused, changed: unused };
const UNUSED_WAYS = {
  resolveDoubt: unused,
  settleTaken: unused,
  refuse: unused,
  expire: unused,
  cancel: unused,
};

function record(offset: number, messageId = `m-${offset}`): KafkaRecord {
  const key = Buffer.from(messageId);
  return { topic: 'x.otp', partition: 0, offset, timestamp: 0, key, value: null, headers: {} };
}

function setUp(more: Partial<TermOptions> = {}) {
  const clock = manualClock();
  /** What the term did to others, in its order; `since` gives what is new. */
  const calls: string[] = [];
  const ends = new Map<number, PromiseWithResolvers<Ending>>();
  const group = { takesCommits: true };
  const lane = { open: true };
  const reached = new Map([[0, 3]]);
  const needed: (number | undefined)[] = [];
  const whereabouts = createWhereabouts();
  const recovered: Recovered = {
    reachOf: () => new Map([[0, 1]]),
    highestAttempted: () => -1,
    passedOverTo: () => -1,
  };
  const term = startTerm({
    epoch: 7,
    assigned: [{ topic: 'x.otp', partition: 0, committed: null, startsAt: 0 }],
    recover: async () => recovered,
    statusLog: {
      rememberedFrom: () => new Map([[0, 2]]),
      positions: () => new Map(reached),
      needsFrom: (from) => needed.push(from.get(0)),
    },
    rooms: () => ({
      async decode({ key }) {
        const value = newSendRequest({ message_id: String(key), msisdn: '628001', requested_at: 0 });
        return { ok: true, value, schemaId: 1, unknownFields: false };
      },
      deadLetter: unused,
      admit: () => ({ kind: 'deliver', progress: NOTHING_MADE, waitMs: 0 }),
      delivery: {
        ...UNUSED_WAYS,
        deliver({ record: { offset } }) {
          const end = Promise.withResolvers<Ending>();
          ends.set(offset, end);
          return end.promise;
        },
      },
      passOver({ record: { offset } }) {
        calls.push(`passed over ${offset}`);
        return 'done';
      },
    }),
    gates: {
      ...UNUSED_GATES,
      changed: () => calls.push('gates looked at'),
      close: () => calls.push('gates closed'),
    },
    laneOf: () => ({ lane: 'otp', laneIndex: 0 }),
    consumer: {
      pause: ({ partition }) => calls.push(`pause ${partition}`),
      resume: ({ partition }) => calls.push(`resume ${partition}`),
      async commit(epoch: number, commits: readonly OffsetCommit[]) {
        assert.equal(epoch, 7);
        for (const { offset, metadata } of commits)
          calls.push(`commit ${offset} with ${decodeLogPositions(metadata)?.get(0)}`);
        return group.takesCommits;
      },
    },
    bounds: { maxUnfinished: 100, maxHeld: 100 },
    isOpen: () => lane.open,
    enter: whereabouts.enter,
    onFailed: ({ message }) => calls.push(message),
    clock,
    log: createLogger('term-test', 'silent'),
    ...more,
  });
  const end = (offset: number, ending: Ending | 'fault') =>
    ending === 'fault' ? ends.get(offset)?.reject(new Error(ending)) : ends.get(offset)?.resolve(ending);
  async function receive(...records: KafkaRecord[]) {
    await clock.advance(0);
    term.received(records);
    await clock.advance(0);
  }
  const since = () => calls.splice(0);
  const started = () => [...ends.keys()];
  const places = () => [...whereabouts.all()].map(({ offset, stage }) => `${offset} ${stage}`);
  return { term, lane, receive, clock, started, group, reached, needed, recovered, end, since, places };
}

test('nothing is delivered before the log was read, and then every partition is resumed', async () => {
  const read = Promise.withResolvers<Recovered>();
  const { term, clock, started, recovered, since } = setUp({ recover: () => read.promise });
  term.received([record(0)]);
  await clock.advance(5_000);
  assert.deepEqual([started(), since()], [[], []]);
  read.resolve(recovered);
  await clock.advance(0);
  assert.deepEqual(since(), ['resume 0']);
});

test('each second what is done is committed, if it has changed', async () => {
  const { term, clock, end, since } = setUp();
  await clock.advance(1_000);
  assert.deepEqual(since(), ['resume 0', 'commit 0 with 3']);
  term.received([record(0), record(1)]);
  await clock.advance(1_000);
  assert.deepEqual(since(), []);
  end(0, 'done');
  await clock.advance(1_000);
  assert.deepEqual(since(), ['commit 1 with 3']);
});

test('every 30 s a partition is committed whose offset stands still while the log goes on', async () => {
  const { clock, reached, since } = setUp();
  await clock.advance(29_000);
  reached.set(0, 4);
  assert.deepEqual(since(), ['resume 0', 'commit 0 with 3']);
  await clock.advance(1_000);
  assert.deepEqual(since(), ['commit 0 with 4']);
});

test('what the committed offsets need of the log is said when they are committed, and not when they are refused', async () => {
  const { receive, clock, group, reached, needed, end } = setUp();
  await receive(record(0));
  await clock.advance(1_000);
  reached.set(0, 9);
  group.takesCommits = false;
  end(0, 'done');
  await clock.advance(1_000);
  assert.deepEqual(needed, [3]);
  group.takesCommits = true;
  await clock.advance(1_000);
  assert.deepEqual(needed, [3, 9]);
});

test('a commit that was refused is tried again', async () => {
  const { clock, group, since } = setUp();
  group.takesCommits = false;
  await clock.advance(1_000);
  group.takesCommits = true;
  await clock.advance(2_000);
  assert.deepEqual(since(), ['resume 0', 'commit 0 with 3', 'commit 0 with 3']);
});

test('a record that was left, or met a fault of ours, holds the mark; those after it go on', async () => {
  for (const stops of ['left', 'fault'] as const) {
    const { term, receive, clock, end, since } = setUp();
    await receive(record(0), record(1), record(2));
    for (const offset of [0, 2]) end(offset, 'done');
    end(1, stops);
    await clock.advance(1_000);
    assert.deepEqual(since(), ['resume 0', 'commit 1 with 3'], stops);
    await term.finish();
    assert.deepEqual(since(), ['gates closed'], stops);
  }
});

test('what met a fault of ours is known as failed until the term ends, what was done or left is known no more', async () => {
  const { term, receive, clock, end, places } = setUp();
  await receive(record(0), record(1), record(2));
  assert.deepEqual(places(), ['0 decode', '1 decode', '2 decode']);
  end(0, 'done');
  end(1, 'fault');
  end(2, 'left');
  await clock.advance(0);
  assert.deepEqual(places(), ['1 failed']);
  await term.finish();
  assert.deepEqual(places(), []);
});

test('a record that meets a fault when its term is over already is known no more', async () => {
  const { term, receive, end, places } = setUp();
  await receive(record(0));
  const finished = term.finish();
  end(0, 'fault');
  await finished;
  assert.deepEqual(places(), []);
});

test('of two records with one message_id only one is under way; once it is done the id is free', async () => {
  const { receive, started, end, since } = setUp();
  await receive(record(0, 'same'), record(1, 'same'), record(2, 'other'));
  assert.deepEqual(started(), [0, 2]);
  assert.deepEqual(since(), ['resume 0', 'passed over 1']);
  end(0, 'done');
  await receive(record(3, 'same'));
  assert.deepEqual(started(), [0, 2, 3]);
});

test('an ended term starts nothing, and commits once what was under way is done', async () => {
  const { term, receive, clock, started, end, since } = setUp();
  await receive(record(0));
  const finished = Promise.all([term.finish(), term.finish()]);
  term.received([record(1)]);
  await clock.advance(5_000);
  assert.deepEqual([started(), since()], [[0], ['resume 0', 'gates closed']]);
  end(0, 'done');
  await finished;
  await clock.advance(5_000);
  assert.deepEqual(since(), ['commit 1 with 3']);
});

test('what ends late in an ended term resumes no partition: it is the next term’s', async () => {
  const { term, receive, end, since } = setUp({ bounds: { maxUnfinished: 1, maxHeld: 1 } });
  await receive(record(0));
  const finished = term.finish();
  end(0, 'done');
  await finished;
  assert.deepEqual(since(), ['resume 0', 'pause 0', 'gates closed', 'commit 1 with 3']);
});

test('a term that ends while the log is read waits for that, and resumes nothing', async () => {
  const read = Promise.withResolvers<Recovered>();
  const { term, clock, recovered, since } = setUp({ recover: () => read.promise });
  const finished = term.finish();
  await clock.advance(0);
  assert.deepEqual(since(), ['gates closed']);
  read.resolve(recovered);
  await finished;
  await clock.advance(5_000);
  assert.deepEqual(since(), ['commit 0 with 3']);
});

test('a term that could not begin says why, and can be finished', async () => {
  const { term, since } = setUp({ recover: () => Promise.reject(new Error('away')) });
  await term.finish();
  assert.deepEqual(since(), ['gates closed', 'away']);
});

test('the reading of the log is called off with the term, which then commits nothing', async () => {
  const { term, since } = setUp({ recover: async (over) => once(over, 'abort').then(() => null) });
  await term.finish();
  assert.deepEqual(since(), ['gates closed']);
});

test('a lane that is closed is not fetched until it opens; a term that is over resumes nothing', async () => {
  const { term, lane, clock, since } = setUp();
  lane.open = false;
  await clock.advance(0);
  assert.deepEqual(since(), []);
  lane.open = true;
  term.lookAgain();
  assert.deepEqual(since(), ['gates looked at', 'resume 0']);
  lane.open = false;
  term.lookAgain();
  assert.deepEqual(since(), ['gates looked at', 'pause 0']);
  await term.finish();
  since();
  lane.open = true;
  term.lookAgain();
  assert.deepEqual(since(), ['gates looked at']);
});
