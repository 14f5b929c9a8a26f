import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewRecord } from '@whatsapp-stream/kafka';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createRecorder } from './record.ts';

const callback = { caller: { signed: false }, sessionId: 's1', code: 2 } as const;

/** Doubled: Kafka, the clock. Observed: what is written, what is answered, what the observer is told. */
function setUp(maxPending = 10) {
  const clock = manualClock(1_000);
  const writes: { record: NewRecord; acknowledge(): void; fail(error: Error): void }[] = [];
  const told: string[] = [];
  const record = createRecorder({
    topic: 'status',
    encode: (event) => Buffer.from(event.event_id),
    append: (written) =>
      new Promise((resolve, reject) => {
        writes.push({ record: written, acknowledge: () => resolve(undefined), fail: reject });
      }),
    clock,
    ackTimeoutMs: 1_000,
    maxPending,
    observer: {
      acknowledged: (afterMs) => told.push(`acknowledged after ${afterMs}`),
      unacknowledged: (why) => told.push(why),
    },
  });
  return { clock, writes, told, record };
}

test('a callback is recorded once Kafka has acknowledged its event, and not before', async () => {
  const { clock, writes, told, record } = setUp();
  let answered = false;
  const recorded = record(callback);
  void recorded.then(() => {
    answered = true;
  });
  await clock.advance(999);
  assert.equal(answered, false);
  assert.equal(writes[0]?.record.key, 's1');
  writes[0]?.acknowledge();
  assert.deepEqual(await recorded, { ok: true, status: 'DELIVERED' });
  assert.deepEqual(told, ['acknowledged after 999']);
});

test('an acknowledgement that is late is not waited for, but heard', async () => {
  const { clock, writes, told, record } = setUp();
  const recorded = record(callback);
  await clock.advance(1_000);
  assert.deepEqual(await recorded, { ok: false, reason: 'KAFKA_LATE' });
  writes[0]?.acknowledge();
  await clock.advance(0);
  assert.deepEqual(told, ['no acknowledgement within 1000 ms', 'acknowledged after 1000']);
});

test('a write that fails is told at once; one that fails late harms nobody', async () => {
  const { clock, writes, told, record } = setUp();
  const recorded = record(callback);
  writes[0]?.fail(new Error('no leader'));
  assert.deepEqual(await recorded, { ok: false, reason: 'KAFKA_FAILED' });
  const late = record(callback);
  await clock.advance(1_000);
  assert.deepEqual(await late, { ok: false, reason: 'KAFKA_LATE' });
  writes[1]?.fail(new Error('no leader'));
  await clock.advance(0);
  assert.deepEqual(told, ['no leader', 'no acknowledgement within 1000 ms', 'no leader']);
});

test('what waits for Kafka is bounded, also by what was answered already', async () => {
  const { clock, writes, record } = setUp(2);
  const first = [record(callback), record(callback)];
  await clock.advance(1_000);
  await Promise.all(first);
  assert.deepEqual(await record(callback), { ok: false, reason: 'TOO_MANY_PENDING' });
  assert.equal(writes.length, 2);
  writes[0]?.acknowledge();
  await clock.advance(0);
  const next = record(callback);
  writes[2]?.acknowledge();
  assert.equal((await next).ok, true);
});
