import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ended, History } from './history.ts';
import type { Target } from './judge.ts';
import { selectDeadLetters, selectEnded } from './select.ts';
import type { LeftOut } from './tally.ts';

const PLACE = { topic: 'x.otp', partition: 0, offset: 1 };
const CHOICE = { from: 10, to: 20, lane: null, source: null, template: null, messageId: null };
const ONE: Ended = { messageId: 'm', of: 'e', endedAt: 10, attempts: 2, place: PLACE };

type Word = Partial<Pick<History, 'objection' | 'isSettled'>>;

function setUp(ended: readonly Ended[], word: Word = {}, redriven: readonly string[] = []) {
  const leftOut: LeftOut[] = [];
  const options = {
    history: { ended: () => ended, objection: () => null, isSettled: () => false, ...word },
    isRedriven: (of: string) => redriven.includes(of),
    leaveOut: (why: LeftOut) => leftOut.push(why),
  };
  return { options, leftOut };
}

test('a message that ended in the chosen time is redriven as an answer to its end', () => {
  const { options, leftOut } = setUp([ONE, { ...ONE, endedAt: 9 }, { ...ONE, endedAt: 20 }]);
  assert.deepEqual(selectEnded(options, CHOICE, ['x.otp']), [
    { place: PLACE, topic: 'x.otp', of: 'e', attempts: 2, messageId: 'm' },
  ]);
  assert.deepEqual(leftOut, []);
});

for (const [why, ended, word, redriven] of [
  ['redriven', ONE, {}, ['e']],
  ['taken', ONE, { objection: () => 'taken' as const }, []],
  ['unreadable', ONE, { objection: () => 'unreadable' as const }, []],
  ['placeless', { ...ONE, place: null }, {}, []],
  ['laneless', { ...ONE, place: { ...PLACE, topic: 'x.gone' } }, {}, []],
] as const) {
  test(`an ended message is left out as ${why}`, () => {
    const { options, leftOut } = setUp([ended], word, redriven);
    assert.deepEqual(selectEnded(options, CHOICE, ['x.otp']), []);
    assert.deepEqual(leftOut, [why]);
  });
}

test('what is of another lane is not counted', () => {
  const { options, leftOut } = setUp([ONE]);
  assert.deepEqual(selectEnded(options, { ...CHOICE, lane: 'bulk' }, ['x.otp']), []);
  assert.deepEqual(leftOut, []);
});

test('a dead letter is left out that was redriven, or whose message was dealt with otherwise', () => {
  const letter: Target = { place: PLACE, topic: 'x.otp', of: 'd', attempts: 0, messageId: 'm' };
  const left = (word: Word, redriven: readonly string[] = []) => {
    const { options, leftOut } = setUp([], word, redriven);
    return [selectDeadLetters(options, [letter]).length, ...leftOut];
  };
  assert.deepEqual(left({}), [1]);
  assert.deepEqual(left({}, ['d']), [0, 'redriven']);
  assert.deepEqual(left({ objection: () => 'taken' }), [0, 'taken']);
  assert.deepEqual(left({ isSettled: () => true }), [0, 'settled']);
});

test('of dead letters under one message_id the first that was not redriven is chosen', () => {
  const letters = ['c', 'a', 'b'].map((of, i): Target => {
    return { place: { ...PLACE, offset: 3 - i }, topic: 'x.otp', of, attempts: 0, messageId: 'm' };
  });
  const { options, leftOut } = setUp([], {}, ['b']);
  assert.deepEqual(
    selectDeadLetters(options, letters).map(({ of }) => of),
    ['a'],
  );
  assert.deepEqual(leftOut, ['redriven', 'repeated']);
});
