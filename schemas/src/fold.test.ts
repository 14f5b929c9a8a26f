import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldEvent, foldEvents, type MessageState, mergeStates } from './fold.ts';
import { STATUS_ORDER } from './status-order.ts';
import {
  type NewStatusEvent,
  newStatusEvent,
  ORIGIN_SYMBOLS,
  STATUS_SYMBOLS,
  type StatusEvent,
} from './types.generated.ts';

function event(fields: Partial<NewStatusEvent> & Pick<StatusEvent, 'status'>): StatusEvent {
  return newStatusEvent({
    event_id: `${fields.attempt}-${fields.status}`,
    origin: 'SENDER',
    occurred_at: 0,
    ...fields,
  });
}

function fold(...events: readonly StatusEvent[]): MessageState {
  const state = foldEvents(events);
  assert.ok(state);
  assert.deepEqual(foldEvents(events.toReversed()), state);
  return state;
}

const text = fc.constantFrom(null, 'a', 'b', 'constructor');
/** Few values for everything, so that events often agree in some fields and differ in others. */
const anyEvent: fc.Arbitrary<StatusEvent> = fc.record<StatusEvent>({
  event_id: fc.constantFrom('e1', 'e2'),
  message_id: text,
  session_id: text,
  status: fc.constantFrom(...STATUS_SYMBOLS),
  provider_code: fc.constantFrom(null, 1, 99),
  origin: fc.constantFrom(...ORIGIN_SYMBOLS),
  attempt: fc.integer({ min: 0, max: 3 }),
  attempt_id: text,
  occurred_at: fc.integer({ min: 0, max: 3 }),
  http_status: fc.constantFrom(null, 201, 500),
  reason: text,
  retry_at: fc.constantFrom(null, 1, 2),
  charged: fc.constantFrom(null, true, false),
  lane: text,
  source: text,
  template_name: text,
  recipient: text,
  verified: fc.boolean(),
  metadata: fc.dictionary(fc.constantFrom('k', 'constructor', '__proto__'), fc.constantFrom('a', 'b'), {
    noNullPrototype: true,
  }),
});
const someEvents = fc.array(anyEvent, { minLength: 1, maxLength: 12 });
const shuffledWithDuplicates = someEvents.chain((events) =>
  fc.tuple(
    fc.constant(events),
    fc.array(fc.nat(events.length - 1), { maxLength: 8 }).chain((again) => {
      const all = [...events, ...again.flatMap((index) => events[index] ?? [])];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    }),
  ),
);

test('the state is the same for every order and duplication of the events', () => {
  fc.assert(
    fc.property(shuffledWithDuplicates, ([events, shuffled]) => {
      assert.deepEqual(foldEvents(shuffled), foldEvents(events));
    }),
    { numRuns: 2_000 },
  );
});

test('the state is the same in whichever portions the events are folded', () => {
  fc.assert(
    fc.property(someEvents, fc.nat(), (events, cut) => {
      const at = cut % (events.length + 1);
      const parts = [foldEvents(events.slice(0, at)), foldEvents(events.slice(at))].filter(
        (part) => part !== undefined,
      );
      assert.deepEqual(parts.reduce(mergeStates), foldEvents(events));
    }),
    { numRuns: 1_000 },
  );
});

test('folding what is known already changes nothing', () => {
  fc.assert(
    fc.property(someEvents, (events) => {
      const state = foldEvents(events);
      for (const known of events) assert.deepEqual(foldEvent(state, known), state);
    }),
    { numRuns: 1_000 },
  );
});

test('the statuses overrule each other in the order of the contract', () => {
  assert.deepEqual(STATUS_ORDER, [
    'ATTEMPTED',
    'UNKNOWN',
    'IN_DOUBT',
    'ACCEPTED',
    'REQUESTED',
    'SENT',
    'FAILED',
    'REQUEST_ERROR',
    'REJECTED',
    'BLOCKED',
    'TIER_LIMIT_EXCEEDED',
    'INVALID_DATA',
    'RETRYING',
    'GAVE_UP',
    'CANCELLED',
    'EXPIRED',
    'REFUSED',
    'DELIVERED',
    'READ',
  ]);
  assert.equal(new Set(STATUS_ORDER).size, STATUS_SYMBOLS.length);
  for (const [rank, status] of STATUS_ORDER.entries()) {
    for (const weaker of STATUS_ORDER.slice(0, rank)) {
      assert.equal(fold(event({ status: weaker, attempt: 1 }), event({ status, attempt: 1 })).status, status);
    }
  }
});

test('the higher attempt overrules the higher status', () => {
  const state = fold(event({ status: 'REFUSED', attempt: 1 }), event({ status: 'ATTEMPTED', attempt: 2 }));
  assert.deepEqual([state.status, state.attempt, state.closed], ['ATTEMPTED', 2, false]);
});

test('DELIVERED beats every attempt, and READ beats DELIVERED', () => {
  const delivered = event({ status: 'DELIVERED', attempt: 1, origin: 'CALLBACK' });
  const refused = event({ status: 'REFUSED', attempt: 2_147_483_647 });
  assert.equal(fold(delivered, refused).status, 'DELIVERED');
  assert.equal(
    fold(delivered, refused, event({ status: 'READ', attempt: 0, origin: 'CALLBACK' })).status,
    'READ',
  );
});

test('a doubt is closed until a callback tells more', () => {
  const doubt = [event({ status: 'ATTEMPTED', attempt: 1 }), event({ status: 'IN_DOUBT', attempt: 1 })];
  assert.deepEqual([fold(...doubt).closed, fold(...doubt).settled], [true, true]);
  const sent = fold(...doubt, event({ status: 'SENT', attempt: 1, origin: 'CALLBACK' }));
  assert.deepEqual([sent.status, sent.closed, sent.settled], ['SENT', false, true]);
});

test('a rejection is closed until it is retried', () => {
  const taken = [
    event({ status: 'ACCEPTED', attempt: 1 }),
    event({ status: 'REJECTED', attempt: 1, origin: 'CALLBACK' }),
  ];
  assert.deepEqual([fold(...taken).closed, fold(...taken).settled], [true, true]);
  const retried = fold(...taken, event({ status: 'RETRYING', attempt: 1, retry_at: 5 }));
  assert.deepEqual([retried.closed, retried.settled, retried.retryAtMs], [false, false, 5]);
  assert.equal(
    fold(...taken, event({ status: 'RETRYING', attempt: 1 }), event({ status: 'ACCEPTED', attempt: 2 }))
      .settled,
    true,
  );
});

test('evidence for an earlier attempt keeps the message settled while a later one is open', () => {
  const state = fold(event({ status: 'ACCEPTED', attempt: 1 }), event({ status: 'ATTEMPTED', attempt: 2 }));
  assert.deepEqual([state.status, state.settled], ['ATTEMPTED', true]);
});

test('what expires while it waits for its retry is settled', () => {
  assert.equal(
    fold(event({ status: 'RETRYING', attempt: 1 }), event({ status: 'EXPIRED', attempt: 1 })).settled,
    true,
  );
});

test('an unknown status settles when the sender tells it, and not when a callback does', () => {
  const retrying = event({ status: 'RETRYING', attempt: 1 });
  assert.equal(fold(event({ status: 'UNKNOWN', attempt: 1 }), retrying).settled, true);
  assert.equal(fold(event({ status: 'UNKNOWN', attempt: 1, origin: 'CALLBACK' })).settled, false);
  assert.equal(fold(event({ status: 'UNKNOWN', attempt: 1 }), { ...retrying, attempt: 2 }).settled, false);
});

test('a new attempt does not hide the session, lane, source and template that are known', () => {
  const accepted = event({ status: 'ACCEPTED', attempt: 1, session_id: 's-1' });
  const next = event({ status: 'ATTEMPTED', attempt: 2, lane: 'otp', source: 'shop', template_name: 't' });
  const state = fold(accepted, next);
  assert.deepEqual(
    [state.sessionId, state.lane, state.source, state.templateName],
    ['s-1', 'otp', 'shop', 't'],
  );
  assert.equal(
    fold(accepted, next, event({ status: 'ACCEPTED', attempt: 2, session_id: 'r-2' })).sessionId,
    'r-2',
  );
});

test('the times are those of the first telling of each status', () => {
  const callback = event({ status: 'SENT', attempt: 1, origin: 'CALLBACK', occurred_at: 7 });
  const state = fold(
    event({ status: 'ATTEMPTED', attempt: 1, occurred_at: 3 }),
    { ...callback, occurred_at: 9 },
    callback,
  );
  assert.deepEqual(state.reachedAtMs, { ATTEMPTED: 3, SENT: 7 });
  assert.deepEqual([state.occurredAtMs, state.firstEventAtMs, state.lastEventAtMs], [7, 3, 9]);
});

test('the charge is what the event tells, else what the table does', () => {
  assert.equal(fold(event({ status: 'SENT', attempt: 1, origin: 'CALLBACK' })).charged, true);
  assert.equal(
    fold(event({ status: 'UNKNOWN', attempt: 1, origin: 'CALLBACK', charged: true })).charged,
    true,
  );
});

test('no events make no state', () => {
  assert.equal(foldEvents([]), undefined);
});

test('of two tellings of one status the verified one counts, then the earlier one', () => {
  const sent = event({ status: 'SENT', attempt: 1, origin: 'CALLBACK', occurred_at: 5 });
  const unsigned = { ...sent, verified: false, occurred_at: 4 };
  assert.deepEqual([fold(sent, unsigned).verified, fold(sent, unsigned).occurredAtMs], [true, 5]);
  assert.equal(fold(sent, { ...sent, occurred_at: 3 }).occurredAtMs, 3);
});
