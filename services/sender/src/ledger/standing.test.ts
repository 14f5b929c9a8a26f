import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent, STATUSES, type Status, type StatusEvent } from '@whatsapp-stream/schemas';
import fc from 'fast-check';
import { applyEvent, newLedgerEntry, type Standing, standingOf } from './standing.ts';

function event(status: Status, attemptId: string | null, more: Partial<StatusEvent> = {}): StatusEvent {
  const origin = STATUSES[status].origin;
  const attempt = attemptId === null ? 0 : Number(attemptId.split('.')[0]);
  return newStatusEvent({
    event_id: `${status} ${attemptId}`,
    message_id: 'm',
    status,
    origin,
    attempt,
    attempt_id: attemptId,
    occurred_at: 1,
    lane: origin === 'SENDER' ? 'otp' : null,
    ...more,
  });
}

function fold(events: readonly StatusEvent[]): Standing {
  const entry = newLedgerEntry();
  for (const one of events) applyEvent(entry, one);
  return standingOf(entry);
}

const ONE_DOUBT = { lane: 'otp', doubts: 1, putOff: 0 };

test('a message of which nothing is known is fresh', () => {
  assert.deepEqual(standingOf(undefined), { kind: 'fresh' });
});

test('an attempt without an outcome is in doubt', () => {
  assert.deepEqual(fold([event('ATTEMPTED', '1.a')]), {
    kind: 'doubt',
    attempts: 1,
    attemptId: '1.a',
    ...ONE_DOUBT,
  });
});

test('an attempt that was surely not taken is resumed with its count and its time', () => {
  const events = [
    event('ATTEMPTED', '1.a'),
    event('RETRYING', '1.a', { retry_at: 500, occurred_at: 100, http_status: 429 }),
    event('ATTEMPTED', '2.b'),
    event('RETRYING', '2.b', { retry_at: 900, occurred_at: 850, http_status: 401 }),
  ];
  assert.deepEqual(fold(events), { kind: 'retrying', attempts: 2, putOff: 1, retryAt: 900, delayMs: 50 });
});

test('every attempt that may have been taken counts as a doubt, also after a later one was surely not taken', () => {
  const events = [event('ATTEMPTED', '1.a'), event('ATTEMPTED', '2.b'), event('ATTEMPTED', '3.c')];
  const retrying = event('RETRYING', '3.c', { retry_at: 9, http_status: 503 });
  const doubt = { kind: 'doubt', attempts: 3, attemptId: '2.b', lane: 'otp', doubts: 2, putOff: 1 };
  assert.deepEqual(fold([...events, retrying]), doubt);
});

test('any signed callback proves that its attempt was taken, also before and after other words', () => {
  for (const status of ['SENT', 'REJECTED', 'UNKNOWN'] as const) {
    const callback = event(status, '1.a', { origin: 'CALLBACK' });
    const standing = { kind: 'taken', attempt: 1, attemptId: '1.a' };
    assert.deepEqual(fold([event('ATTEMPTED', '1.a'), callback]), standing);
    assert.deepEqual(fold([callback, event('ATTEMPTED', '1.a'), event('RETRYING', '1.a')]), standing);
  }
});

test('an unsigned callback proves nothing', () => {
  const forged = event('DELIVERED', '1.a', { verified: false });
  assert.equal(fold([event('ATTEMPTED', '1.a'), forged]).kind, 'doubt');
});

test('the outcome of one attempt says nothing of another with the same number', () => {
  const events = [
    event('ATTEMPTED', '1.a'),
    event('ATTEMPTED', '1.b'),
    event('RETRYING', '1.b', { retry_at: 9 }),
  ];
  assert.deepEqual(fold(events), { kind: 'doubt', attempts: 1, attemptId: '1.a', ...ONE_DOUBT });
});

test('a number is not given again: in doubt, the highest of all attempts counts', () => {
  const events = [event('ATTEMPTED', '1.a'), event('ATTEMPTED', '2.a'), event('RETRYING', '2.a')];
  assert.deepEqual(fold(events), { kind: 'doubt', attempts: 2, attemptId: '1.a', ...ONE_DOUBT });
});

test('every settling status settles, and so does one of a newer version of the sender', () => {
  const settling = (Object.keys(STATUSES) as Status[]).filter((status) => STATUSES[status].settling);
  assert.deepEqual(settling.toSorted(), [
    'ACCEPTED',
    'CANCELLED',
    'EXPIRED',
    'GAVE_UP',
    'IN_DOUBT',
    'REFUSED',
  ]);
  for (const status of settling) assert.deepEqual(fold([event(status, '1.a')]), { kind: 'settled' }, status);
  assert.deepEqual(fold([event('UNKNOWN', null, { origin: 'SENDER' })]), { kind: 'settled' });
});

test('every order and duplication of the same events gives the same standing', () => {
  const some = fc.constantFrom(
    event('ATTEMPTED', '1.a'),
    event('ATTEMPTED', '1.b'),
    event('ATTEMPTED', '2.a'),
    event('RETRYING', '1.a', { retry_at: 5, http_status: 429 }),
    event('RETRYING', '2.a', { retry_at: 7, occurred_at: 3 }),
    event('RETRYING', '1.b', { retry_at: 7, occurred_at: 5 }),
    event('SENT', '1.b'),
    event('ACCEPTED', '2.a'),
  );
  const orders = fc.array(some, { maxLength: 8 }).chain((events) => {
    const doubled = [...events, ...events];
    return fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray(doubled, { minLength: doubled.length, maxLength: doubled.length }),
    );
  });
  const whatCounts = (standing: Standing) => [
    standing.kind,
    'retryAt' in standing ? [standing.attempts, standing.retryAt, standing.delayMs, standing.putOff] : [],
    'doubts' in standing ? [standing.attempts, standing.doubts, standing.putOff] : [],
  ];
  fc.assert(
    fc.property(orders, ([events, shuffled]) => {
      assert.deepEqual(whatCounts(fold(shuffled)), whatCounts(fold(events)));
    }),
  );
});
