import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { STATUSES } from './statuses.ts';
import { isTaken } from './taken.ts';
import { newStatusEvent, STATUS_SYMBOLS, type Status, type StatusEvent } from './types.generated.ts';

function told(
  status: Status,
  attemptId: string | null = '1.p',
  more: Partial<StatusEvent> = {},
): StatusEvent {
  const { origin } = STATUSES[status];
  return newStatusEvent({ event_id: 'e', status, origin, attempt_id: attemptId, occurred_at: 0, ...more });
}

const FAILURES = STATUS_SYMBOLS.filter(
  (status) => STATUSES[status].origin === 'CALLBACK' && STATUSES[status].charged === false,
);

test('a message of which nothing is told, or only that it was tried, is not taken', () => {
  assert.equal(isTaken([]), false);
  for (const status of [
    'ATTEMPTED',
    'RETRYING',
    'IN_DOUBT',
    'GAVE_UP',
    'REFUSED',
    'EXPIRED',
    'CANCELLED',
  ] as const) {
    assert.equal(isTaken([told('ATTEMPTED'), told(status)]), false, status);
  }
});

test('one that was accepted, or of which a callback tells something else than a failure, is taken', () => {
  for (const status of ['ACCEPTED', 'REQUESTED', 'SENT', 'UNKNOWN', 'DELIVERED', 'READ'] as const) {
    assert.equal(isTaken([told('GAVE_UP'), told(status)]), true, status);
  }
});

test('each failure that a callback tells takes back that its attempt was taken', () => {
  assert.equal(FAILURES.length, 6);
  for (const status of FAILURES) {
    assert.equal(isTaken([told('ACCEPTED'), told('SENT'), told(status)]), false, status);
  }
});

test('a failure speaks of its own attempt alone, even of another one with the same number', () => {
  assert.equal(
    isTaken([told('ACCEPTED', '1.a', { attempt: 1 }), told('FAILED', '1.b', { attempt: 1 })]),
    true,
  );
  assert.equal(isTaken([told('ACCEPTED', null), told('FAILED', null)]), true);
});

test('what has reached its recipient stays taken, whatever failure is told', () => {
  for (const status of ['DELIVERED', 'READ'] as const) {
    assert.equal(isTaken([told(status), told('FAILED')]), true, status);
  }
});

test('an unsigned callback keeps a message from being sent, and never lets it be sent', () => {
  const unsigned = { verified: false };
  assert.equal(isTaken([told('GAVE_UP'), told('DELIVERED', null, unsigned)]), true);
  assert.equal(isTaken([told('GAVE_UP'), told('SENT', null, unsigned)]), true);
  assert.equal(isTaken([told('ACCEPTED'), told('FAILED', '1.p', unsigned)]), true);
});

const anyTold = fc
  .tuple(fc.constantFrom(...STATUS_SYMBOLS), fc.constantFrom(null, '1.a', '1.b', '2.a'), fc.boolean())
  .map(([status, attemptId, verified]) => told(status, attemptId, { verified }));
const shuffledWithDuplicates = fc
  .array(anyTold, { minLength: 1, maxLength: 10 })
  .chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
    ),
  );

test('neither the order nor the duplication of events changes the answer', () => {
  fc.assert(
    fc.property(shuffledWithDuplicates, ([events, again]) => {
      assert.equal(isTaken(again), isTaken(events));
    }),
    { numRuns: 2_000 },
  );
});
