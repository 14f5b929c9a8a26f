import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import type { Kept } from '../spool/spool.ts';
import type { Arrival } from './arrival.ts';
import { createKafkaState } from './kafka-state.ts';
import { createRecorder, type Recorded } from './recorder.ts';

const IN_KAFKA: Recorded = { ok: true, status: 'DELIVERED', keeper: 'kafka' };
const IN_SPOOL: Recorded = { ok: true, status: 'DELIVERED', keeper: 'spool' };

/** Doubled: Kafka, the spool, the clock. Observed: what reaches them, what is answered, what is known of Kafka. */
function setUp({ maxPending = 2_500, kept = { kind: 'kept' } as Kept, reachable = Promise.resolve() } = {}) {
  const clock = manualClock(1_000);
  const writes: { ids: string[]; acknowledge(): void; fail(error: Error): void }[] = [];
  const spooled: string[][] = [];
  const forgotten: string[][] = [];
  const told: string[] = [];
  const kafka = createKafkaState(clock, { info: () => {}, warn: () => {} });
  const idsOf = (arrivals: readonly Arrival[]) => arrivals.map(({ callback }) => callback.sessionId);
  const recorder = createRecorder({
    reachable,
    write: (arrivals) =>
      new Promise((resolve, reject) => {
        writes.push({ ids: idsOf(arrivals), acknowledge: resolve, fail: reject });
      }),
    spool: {
      async keep(arrivals) {
        spooled.push(idsOf(arrivals));
        return kept;
      },
      async forget(arrivals) {
        forgotten.push(idsOf(arrivals));
      },
    },
    kafka,
    clock,
    ackTimeoutMs: 1_000,
    maxPending,
    acknowledged: (afterMs, count) => told.push(`${count} after ${afterMs}`),
  });
  const answers: Record<string, Recorded> = {};
  function record(...ids: string[]): void {
    for (const sessionId of ids) {
      void recorder.record({ caller: { signed: false }, sessionId, code: 2 }).then((recorded) => {
        answers[sessionId] = recorded;
      });
    }
  }
  return { clock, writes, spooled, forgotten, told, kafka, recorder, record, answers };
}

const turn = () => new Promise<void>((resolve) => void setImmediate(() => setImmediate(resolve)));

test('a callback is recorded once Kafka has acknowledged its event, and not before', async () => {
  const { clock, writes, told, record, recorder, answers, spooled } = setUp();
  record('a');
  await turn();
  await clock.advance(999);
  assert.deepEqual(answers, {});
  assert.equal(recorder.pending(), 1);
  writes[0]?.acknowledge();
  await turn();
  assert.deepEqual(answers, { a: IN_KAFKA });
  assert.equal(recorder.pending(), 0);
  assert.deepEqual(told, ['1 after 999']);
  await clock.advance(10_000);
  assert.deepEqual(spooled, []);
});

test('what comes in one turn, and while a batch is under way, is one batch', async () => {
  const { writes, record } = setUp();
  for (const ids of [['a', 'b'], ['c'], ['d', 'e']]) {
    record(...ids);
    await turn();
  }
  assert.deepEqual(
    writes.map(({ ids }) => ids),
    [['a', 'b']],
  );
  writes[0]?.acknowledge();
  await turn();
  assert.deepEqual(writes[1]?.ids, ['c', 'd', 'e']);
});

test('a batch has its bound', async () => {
  const { writes, record } = setUp();
  record(...Array.from({ length: 1_500 }, (_, i) => `s${i}`));
  await turn();
  writes[0]?.acknowledge();
  await turn();
  assert.deepEqual(
    writes.map(({ ids }) => ids.length),
    [1_000, 500],
  );
});

test('when one callback has waited too long the spool keeps all that wait, and what comes then at once', async () => {
  const { clock, writes, record, spooled, answers, kafka } = setUp();
  record('a');
  await turn();
  await clock.advance(600);
  for (const ids of [['b'], ['c']]) {
    record(...ids);
    await turn();
  }
  await clock.advance(399);
  assert.deepEqual(spooled, []);
  await clock.advance(1);
  await turn();
  assert.deepEqual(spooled, [['a'], ['b', 'c']]);
  assert.deepEqual(answers, { a: IN_SPOOL, b: IN_SPOOL, c: IN_SPOOL });
  assert.equal(kafka.trouble(), 'no acknowledgement within 1000 ms');
  record('d', 'e');
  await turn();
  assert.deepEqual(spooled[2], ['d', 'e']);
  assert.equal(writes.length, 1);
});

test('a write that fails is kept by the spool, and Kafka known to be in trouble', async () => {
  const { writes, record, spooled, answers, kafka } = setUp();
  record('a');
  await turn();
  writes[0]?.fail(new Error('no leader'));
  await turn();
  assert.deepEqual(spooled, [['a']]);
  assert.deepEqual(answers, { a: IN_SPOOL });
  assert.equal(kafka.trouble(), 'no leader');
});

test('a late acknowledgement takes its callbacks out of the spool, and opens the way to Kafka again', async () => {
  const { clock, writes, record, forgotten, answers, kafka } = setUp();
  record('a');
  await turn();
  await clock.advance(1_000);
  await turn();
  writes[0]?.acknowledge();
  await turn();
  assert.deepEqual(forgotten, [['a']]);
  assert.equal(kafka.trouble(), null);
  record('b');
  await turn();
  writes[1]?.acknowledge();
  await turn();
  assert.deepEqual(answers, { a: IN_SPOOL, b: IN_KAFKA });
});

test('the failure of a write that was given up says nothing of Kafka as it is now', async () => {
  const { clock, writes, record, kafka, spooled } = setUp();
  record('a');
  await turn();
  await clock.advance(1_000);
  await turn();
  kafka.acknowledged();
  writes[0]?.fail(new Error('of long ago'));
  await turn();
  assert.equal(kafka.trouble(), null);
  assert.deepEqual(spooled, [['a']]);
});

test('what waited in vain for Kafka to answer for the first time is not written beside the spool', async () => {
  const there = Promise.withResolvers<void>();
  const { clock, writes, record, answers, spooled } = setUp({ reachable: there.promise });
  record('a');
  await turn();
  await clock.advance(1_000);
  await turn();
  assert.deepEqual(answers, { a: IN_SPOOL });
  there.resolve();
  await turn();
  assert.deepEqual(spooled, [['a']]);
  assert.deepEqual(writes, []);
});

test('writes that were given up do not hold up those that follow', async () => {
  const { clock, writes, record, kafka } = setUp();
  record('a');
  await turn();
  await clock.advance(1_000);
  kafka.acknowledged();
  record('b');
  await turn();
  assert.deepEqual(writes[1]?.ids, ['b']);
});

for (const [kept, reason] of [
  [{ kind: 'full' }, 'SPOOL_FULL'],
  [{ kind: 'broken', why: 'EIO' }, 'SPOOL_BROKEN'],
] as const) {
  test(`where the spool is ${kept.kind} too, nothing is called safe`, async () => {
    const { record, answers, recorder } = setUp({ kept });
    recorder.giveUpOnKafka('stopping');
    record('a');
    await turn();
    assert.deepEqual(answers, { a: { ok: false, reason } });
    assert.equal(recorder.pending(), 0);
  });
}

test('above the bound of what may wait a callback is refused without being tried', async () => {
  const { writes, record, answers } = setUp({ maxPending: 2 });
  record('a', 'b', 'c');
  await turn();
  assert.deepEqual(writes[0]?.ids, ['a', 'b']);
  assert.deepEqual(answers, { c: { ok: false, reason: 'TOO_MANY_PENDING' } });
  writes[0]?.acknowledge();
  await turn();
  record('d');
  await turn();
  assert.deepEqual(writes[1]?.ids, ['d']);
});
