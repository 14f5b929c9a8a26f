import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellStory } from './story.ts';
import {
  accept,
  kindsOf,
  NO_ANSWER,
  otherIsActive,
  REFUSED,
  sentAgain,
  TAKEN,
  verdictOf,
} from './test-support.ts';

test('an outcome that comes after the grace, by the one that lost its turn, is late evidence', () => {
  for (const order of [
    ['IN_DOUBT', 'ACCEPTED'],
    ['ACCEPTED', 'IN_DOUBT'],
  ] as const) {
    const story = tellStory();
    const record = story.publish('m');
    story.attempt(record, '1.a');
    story.call(record, '1.a', TAKEN);
    otherIsActive(story, 'b');
    for (const status of order) story.tell(record, status, '1.a');
    assert.deepEqual(kindsOf(story), []);
    assert.equal(verdictOf(story).figures.settledAgainExplained, 1);
    assert.equal(verdictOf(story).figures.settled.ACCEPTED, 2);
  }
});

test('both a resend and the first attempt can turn out to be accepted', () => {
  const story = tellStory();
  const record = sentAgain(story);
  story.tell(record, 'ACCEPTED', '2.b');
  story.tell(record, 'ACCEPTED', '1.a');
  assert.deepEqual(kindsOf(story), []);
});

test('one process does not settle twice, also of two attempts', () => {
  const story = tellStory();
  const record = story.publish('m', { lane: 'otp' });
  story.attempt(record, '1.a');
  story.call(record, '1.a', TAKEN);
  story.pass(11_000);
  accept(story, record, '2.a');
  story.tell(record, 'ACCEPTED', '1.a');
  assert.deepEqual(kindsOf(story), ['SETTLED_TWICE']);
});

test('nobody lost its turn to one that was active before only', () => {
  const story = tellStory();
  otherIsActive(story, 'b');
  const record = story.publish('m');
  story.attempt(record, '1.a');
  story.call(record, '1.a', TAKEN);
  story.tell(record, 'IN_DOUBT', '1.a');
  story.tell(record, 'ACCEPTED', '1.a');
  assert.deepEqual(kindsOf(story), ['SETTLED_TWICE']);
});

test('two processes may each end a message without a call when one takes over from the other, and not long after', () => {
  for (const [restMs, expected] of [
    [0, []],
    [120_000, ['SETTLED_TWICE']],
  ] as const) {
    const story = tellStory();
    otherIsActive(story, 'a');
    otherIsActive(story, 'b');
    story.pass(restMs);
    const record = story.publish('m', { expires: true });
    story.tell(record, 'CANCELLED', null);
    story.tell(record, 'EXPIRED', null);
    assert.deepEqual(kindsOf(story), expected);
  }
});

test('one process does not end a message twice without a call, and none ends what was called so', () => {
  const alone = tellStory();
  otherIsActive(alone, 'a');
  const record = alone.publish('m', { expires: true });
  alone.tell(record, 'CANCELLED', null);
  alone.tell(record, 'EXPIRED', null);
  assert.deepEqual(kindsOf(alone), ['SETTLED_TWICE']);

  const called = tellStory();
  otherIsActive(called, 'a');
  const refused = called.publish('m', { expires: true });
  called.attempt(refused, '1.b');
  called.call(refused, '1.b', REFUSED);
  called.tell(refused, 'EXPIRED', null);
  called.tell(refused, 'CANCELLED', null);
  assert.deepEqual(kindsOf(called), ['SETTLED_TWICE']);
});

test('a late word that an attempt was refused is true, though a later one was taken', () => {
  const story = tellStory();
  const record = sentAgain(story, { first: REFUSED });
  story.tell(record, 'ACCEPTED', '2.b');
  story.tell(record, 'REFUSED', '1.a');
  assert.deepEqual(kindsOf(story), []);
});

test('a late word that is not true of its own attempt is none', () => {
  const story = tellStory();
  const record = sentAgain(story);
  story.tell(record, 'ACCEPTED', '2.b');
  story.tell(record, 'REFUSED', '1.a');
  assert.deepEqual(kindsOf(story), ['NO_CAUSE', 'WRONG_END']);
});

test('nor one that is the only word, of the same process, or of an attempt that is not outranked', () => {
  const sendTwice = (second: string, tell: boolean) => {
    const story = tellStory();
    const record = sentAgain(story, { first: REFUSED, second });
    if (tell) story.tell(record, 'ACCEPTED', second);
    story.tell(record, 'REFUSED', '1.a');
    return story;
  };
  assert.deepEqual(kindsOf(sendTwice('2.b', false)), ['WRONG_END']);
  assert.deepEqual(kindsOf(sendTwice('2.a', true)), ['SETTLED_TWICE', 'WRONG_END']);
  assert.deepEqual(kindsOf(sendTwice('1.b', true)), ['WRONG_END']);
});

test('the word that a later attempt was refused is not: the message may have been taken before', () => {
  const story = tellStory();
  const record = story.publish('m', { lane: 'otp' });
  story.attempt(record, '1.a');
  story.call(record, '1.a', NO_ANSWER);
  story.pass(11_000);
  story.attempt(record, '2.b');
  story.call(record, '2.b', REFUSED);
  story.tell(record, 'REFUSED', '2.b');
  assert.deepEqual(kindsOf(story), ['WRONG_END']);
});

test('a redrive that was asked for is sent and settled once more', () => {
  const story = tellStory();
  const record = story.publish('m');
  accept(story, record, '1.a');
  const rejected = story.callback(record, '1.a', 'REJECTED');
  const redrive = story.publish('m', { redriveOf: rejected });
  accept(story, redrive, '2.a');
  assert.deepEqual(kindsOf(story), []);
  story.attempt(redrive, '3.a');
  story.call(redrive, '3.a', TAKEN);
  assert.deepEqual(kindsOf(story), ['DOUBLED', 'CALLED_AFTER_SETTLED']);
});

test('a redrive is explained by nothing that came before it', () => {
  const story = tellStory();
  const record = story.publish('m', { lane: 'otp' });
  story.attempt(record, '1.a');
  story.call(record, '1.a', REFUSED);
  story.pass(11_000);
  story.attempt(record, '2.a');
  story.call(record, '2.a', REFUSED);
  const refused = story.tell(record, 'REFUSED', '2.a');
  const redrive = story.publish('m', { lane: 'otp', redriveOf: refused });
  accept(story, redrive, '3.a');
  assert.deepEqual(kindsOf(story), []);
  story.attempt(redrive, '4.a');
  story.call(redrive, '4.a', TAKEN);
  assert.deepEqual(kindsOf(story), ['DOUBLED', 'CALLED_AFTER_SETTLED']);
});

test('RETRYING is the word on what was taken only after a callback has rejected it', () => {
  const rejected = (word: 'REJECTED' | 'SENT') => {
    const story = tellStory();
    const record = story.publish('m');
    accept(story, record, '1.a');
    story.callback(record, '1.a', word);
    story.tell(record, 'RETRYING', '1.a');
    return kindsOf(story);
  };
  assert.deepEqual(rejected('REJECTED'), []);
  assert.deepEqual(rejected('SENT'), ['RETRYING_YET_TAKEN']);
});
