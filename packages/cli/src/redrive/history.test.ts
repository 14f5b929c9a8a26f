import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  foldEvents,
  isTaken,
  type NewStatusEvent,
  newStatusEvent,
  STATUS_SYMBOLS,
  STATUSES,
  type Status,
  type StatusEvent,
} from '@whatsapp-stream/schemas';
import fc from 'fast-check';
import { createHistory } from './history.ts';
import { REDRIVABLE } from './options.ts';

const ALL = { statuses: new Set(REDRIVABLE), isWanted: () => true, mayBeMeant: () => true };

function told(status: Status, more: Partial<NewStatusEvent> = {}): StatusEvent {
  const attempt = more.attempt ?? 1;
  return newStatusEvent({
    event_id: `${status} ${more.attempt_id ?? attempt}`,
    message_id: 'm',
    status,
    origin: STATUSES[status].origin,
    attempt,
    attempt_id: `${attempt}.p`,
    occurred_at: 1_000,
    ...more,
  });
}

const at = (offset: number) => ({
  headers: { send_topic: 'x.otp', send_partition: '2', send_offset: String(offset) },
});

function after(...events: readonly StatusEvent[]) {
  const history = createHistory(ALL);
  for (const event of events) history.add(event, { headers: {} });
  return history;
}

test('a message has ended by its closing event, and its request stands where the sender says', () => {
  const history = createHistory(ALL);
  history.add(told('ATTEMPTED', { attempt: 3 }), at(7));
  history.add(told('ACCEPTED', { attempt: 3 }), at(7));
  history.add(told('REJECTED', { attempt: 3, event_id: 'e', occurred_at: 2_000 }), { headers: {} });
  const place = { topic: 'x.otp', partition: 2, offset: 7 };
  assert.deepEqual([...history.ended()], [{ messageId: 'm', of: 'e', endedAt: 2_000, attempts: 3, place }]);
  assert.equal(history.objection('m'), null);
});

test('of a request and its redrives, the place of the last one counts', () => {
  const history = createHistory(ALL);
  history.add(told('GAVE_UP', { attempt: 2 }), at(40));
  history.add(told('ATTEMPTED', { attempt: 1 }), at(9));
  assert.equal([...history.ended()][0]?.place?.offset, 40);
});

test('where nothing, or nonsense, tells of the place, it is not known', () => {
  const history = createHistory(ALL);
  const headers = { send_topic: 'x', send_partition: '0', send_offset: 'first' };
  history.add(told('GAVE_UP'), { headers });
  assert.equal([...history.ended()][0]?.place, null);
});

test('what is overruled is no end', () => {
  for (const later of [
    told('RETRYING'),
    told('DELIVERED'),
    told('ATTEMPTED', { attempt: 2 }),
    told('EXPIRED'),
  ]) {
    assert.deepEqual([...after(told('REJECTED'), later).ended()], [], later.status);
    assert.deepEqual([...after(later, told('REJECTED')).ended()], [], later.status);
  }
});

test('a message stands as taken by what any of its attempts came to', () => {
  const doubtful = [told('ATTEMPTED', { attempt: 2 }), told('IN_DOUBT', { attempt: 2 })];
  assert.equal(after(...doubtful).objection('m'), null);
  assert.equal(after(...doubtful, told('SENT', { attempt: 1 })).objection('m'), 'taken');
  assert.equal(after(told('READ')).objection('m'), 'taken');
});

test('an unsigned callback that names only a session tells that the message has arrived after all', () => {
  const failed = told('FAILED', { session_id: 's' });
  const arrived = told('DELIVERED', { message_id: null, session_id: 's', attempt_id: null, verified: false });
  assert.equal(after(failed, arrived).objection('m'), 'taken');
  assert.equal(after(arrived, failed).objection('m'), 'taken');
  assert.equal(after(failed, { ...arrived, session_id: 'other' }).objection('m'), null);
});

test('a message of which an event cannot be read is left alone', () => {
  const history = after(told('GAVE_UP'));
  history.addUnreadable({ key: Buffer.from('m'), headers: { redrive_of: 'e' } });
  assert.equal(history.objection('m'), 'unreadable');
  assert.ok(history.redriven.has('e'));
});

test('the sender is done with what it settled, and with what a newer version of it says', () => {
  assert.equal(after(told('ATTEMPTED')).isSettled('m'), false);
  assert.equal(after(told('EXPIRED'), told('RETRYING', { attempt: 2 })).isSettled('m'), true);
  assert.equal(after(told('UNKNOWN', { origin: 'SENDER' })).isSettled('m'), true);
  assert.equal(after(told('UNKNOWN', { origin: 'CALLBACK' })).isSettled('m'), false);
});

test('what redrives were dealt with is told by the headers of their events', () => {
  const history = createHistory({ ...ALL, isWanted: () => false });
  history.add(told('ACCEPTED'), { headers: { redrive_of: 'e' } });
  assert.deepEqual([...history.redriven], ['e']);
});

test('of a message that is not meant nothing is told', () => {
  const history = createHistory({ ...ALL, mayBeMeant: ({ lane }) => lane !== 'otp' });
  history.add(told('REJECTED'), { headers: {} });
  history.add(told('ACCEPTED', { lane: 'otp' }), { headers: {} });
  assert.deepEqual([...history.ended()], []);
});

/** Few values for everything, so that events often speak of the same. */
const anyTold = fc
  .record({
    status: fc.constantFrom(...STATUS_SYMBOLS),
    attempt: fc.integer({ min: 0, max: 2 }),
    attempt_id: fc.constantFrom('1.a', '1.b', '2.a'),
    event_id: fc.constantFrom('e1', 'e2'),
    occurred_at: fc.integer({ min: 0, max: 2 }),
    offset: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ status, offset, ...more }) => ({ event: told(status, more), record: at(offset) }));
const someTold = fc.array(anyTold, { minLength: 1, maxLength: 8 });

function historyOf(all: readonly { readonly event: StatusEvent; readonly record: ReturnType<typeof at> }[]) {
  const history = createHistory(ALL);
  for (const { event, record } of all) history.add(event, record);
  return { ended: [...history.ended()], objection: history.objection('m'), settled: history.isSettled('m') };
}

test('neither the order nor the duplication of events changes what is known', () => {
  const shuffled = someTold.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
  );
  fc.assert(
    fc.property(shuffled, ([all, again]) => assert.deepEqual(historyOf(again), historyOf(all))),
    { numRuns: 2_000 },
  );
});

test('it says the same as the whole fold of a message, and as the rule of what is taken', () => {
  fc.assert(
    fc.property(someTold, (all) => {
      const events = all.map(({ event }) => event);
      const state = foldEvents(events);
      const { ended, objection } = historyOf(all);
      const hasEnded = REDRIVABLE.some((status) => status === state?.status);
      assert.deepEqual(
        ended.map(({ endedAt }) => endedAt),
        hasEnded ? [state?.occurredAtMs] : [],
      );
      assert.equal(objection, isTaken(events) ? 'taken' : null);
    }),
    { numRuns: 2_000 },
  );
});
