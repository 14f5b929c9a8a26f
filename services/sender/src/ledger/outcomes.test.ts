import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent, STATUSES, type Status } from '@whatsapp-stream/schemas';
import fc from 'fast-check';
import { createOutcomes } from './outcomes.ts';

/** `unit` is `m` for the message itself. */
interface Told {
  readonly status: Status;
  readonly attemptId: string | null;
  readonly unit: string;
}

function eventOf({ status, attemptId }: Told) {
  const origin = status === 'UNKNOWN' ? ('CALLBACK' as const) : STATUSES[status].origin;
  return newStatusEvent({
    event_id: '',
    message_id: 'm',
    status,
    origin,
    attempt: 1,
    attempt_id: attemptId,
    occurred_at: 0,
  });
}

function after(...told: readonly Told[]) {
  const outcomes = createOutcomes();
  for (const one of told) outcomes.note(eventOf(one), one.unit);
  return (unit: string) => outcomes.mayBeTaken('m', unit);
}

const of = (status: Status, attemptId: string | null = '1.p', unit = 'm'): Told => ({
  status,
  attemptId,
  unit,
});
const FIRST = 'm aaaaaaaa';
const SECOND = 'm bbbbbbbb';

test('of a message that was taken, and of which nothing else was told, nothing is remembered', () => {
  assert.equal(after(of('ATTEMPTED'), of('ACCEPTED'), of('SENT'), of('DELIVERED'), of('READ'))(FIRST), null);
});

test('what was rejected after it was accepted may be sent again, in whatever order that was told', () => {
  assert.equal(after(of('ACCEPTED'), of('REJECTED'))(FIRST), false);
  assert.equal(after(of('REJECTED'), of('ACCEPTED'), of('SENT'))(FIRST), false);
});

test('a message that reached its recipient is not sent again, whatever else was told', () => {
  assert.equal(after(of('REJECTED'), of('DELIVERED'))(FIRST), true);
});

test('what was held in doubt may be redriven, until word comes that it was taken', () => {
  const doubt = [of('ATTEMPTED'), of('IN_DOUBT')];
  assert.equal(after(...doubt)(FIRST), false);
  assert.equal(after(...doubt, of('SENT'))(FIRST), true);
});

test('while one redrive is under way another one is not, and not after it was accepted', () => {
  const rejected = [of('ACCEPTED'), of('REJECTED')];
  const underWay = [...rejected, of('ATTEMPTED', '2.p.aaaaaaaa', FIRST)];
  assert.deepEqual([after(...underWay)(FIRST), after(...underWay)(SECOND)], [false, true]);
  const accepted = [...underWay, of('ACCEPTED', '2.p.aaaaaaaa', FIRST)];
  assert.equal(after(...accepted)(SECOND), true);
  assert.equal(after(...accepted, of('REJECTED', '2.p.aaaaaaaa', FIRST))(SECOND), false);
});

test('what a redrive attempted and surely was not taken does not keep another one back', () => {
  const put = of('RETRYING', '2.p.aaaaaaaa', FIRST);
  assert.equal(after(of('GAVE_UP'), of('ATTEMPTED', '2.p.aaaaaaaa', FIRST), put)(SECOND), false);
});

test('an unsigned callback proves nothing', () => {
  const outcomes = createOutcomes();
  outcomes.note(eventOf(of('GAVE_UP', null)), 'm');
  outcomes.note({ ...eventOf(of('SENT')), verified: false }, 'm');
  assert.equal(outcomes.mayBeTaken('m', FIRST), false);
});

test('of too many messages the first is forgotten', () => {
  const outcomes = createOutcomes(2);
  for (const id of ['a', 'b', 'c']) {
    outcomes.note({ ...eventOf(of('GAVE_UP', null)), message_id: id }, id);
  }
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => outcomes.mayBeTaken(id, `${id} x`)),
    [null, false, false],
  );
});

test('once it is remembered, neither order nor duplicates change what is known', () => {
  const told = fc.array(
    fc.record({
      status: fc.constantFrom<Status>(
        'ATTEMPTED',
        'RETRYING',
        'ACCEPTED',
        'SENT',
        'REJECTED',
        'IN_DOUBT',
        'READ',
      ),
      attemptId: fc.constantFrom('1.p', '2.p'),
      unit: fc.constant('m'),
    }),
    { maxLength: 8 },
  );
  const shuffled = told.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
  );
  fc.assert(
    fc.property(shuffled, ([all, again]) => {
      const begun = of('GAVE_UP', null);
      assert.equal(after(begun, ...all)(FIRST), after(begun, ...again)(FIRST));
    }),
  );
});
