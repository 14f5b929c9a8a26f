import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Story, tellStory } from './story.ts';
import { accept, kindsOf, NO_ANSWER, otherIsActive, REFUSED, TERMS, verdictOf } from './test-support.ts';
import { judge } from './verdict.ts';

test('a resend out of doubt is no doubling, but counted', () => {
  const story = tellStory();
  const otp = story.publish('otp', { lane: 'otp' });
  const asked = story.publish('asked', { lane: 'marketing', onDoubt: 'RESEND' });
  for (const record of [otp, asked]) {
    story.attempt(record, '1.a');
    story.call(record, '1.a', NO_ANSWER);
    story.pass(11_000);
    accept(story, record, '2.a');
  }
  assert.deepEqual(kindsOf(story), []);
  assert.equal(verdictOf(story).figures.resends, 2);
  assert.equal(verdictOf(story).figures.takenAgainExplained, 2);
});

test('what another lane asked to hold is not sent again for a record that would', () => {
  const story = tellStory();
  const held = story.publish('m', { lane: 'marketing' });
  const otp = story.publish('m', { lane: 'otp' });
  story.attempt(held, '1.a');
  story.call(held, '1.a', NO_ANSWER);
  story.pass(11_000);
  accept(story, otp, '2.b');
  assert.deepEqual(kindsOf(story), ['DOUBLED', 'CALLED_IN_DOUBT']);
});

test('the doubt of a first attempt lasts through later ones that were surely not taken', () => {
  const story = tellStory();
  const record = story.publish('m', { lane: 'otp' });
  story.attempt(record, '1.a');
  story.call(record, '1.a', NO_ANSWER);
  story.pass(11_000);
  story.attempt(record, '2.a');
  story.call(record, '2.a', { status: 429, taken: false });
  story.tell(record, 'RETRYING', '2.a');
  accept(story, record, '3.a');
  assert.deepEqual(kindsOf(story), []);
  assert.equal(verdictOf(story).figures.resends, 2);
});

test('what a replica that lost its turn wrote and did not call is no doubt to the new one', () => {
  const story = tellStory();
  const record = story.publish('m', { onDoubt: 'HOLD' });
  otherIsActive(story, 'b');
  story.attempt(record, '1.a');
  accept(story, record, '1.b');
  assert.deepEqual(kindsOf(story), []);
});

test('what was written long before the new one took over is', () => {
  const story = tellStory();
  const record = story.publish('m', { onDoubt: 'HOLD' });
  story.attempt(record, '1.a');
  story.pass(6_000);
  otherIsActive(story, 'b');
  accept(story, record, '1.b');
  assert.deepEqual(kindsOf(story), ['CALLED_IN_DOUBT']);
});

test('an open attempt of the same process is, and one of another that was called', () => {
  const own = tellStory();
  const first = own.publish('m');
  own.attempt(first, '1.a');
  accept(own, first, '2.a');
  assert.deepEqual(kindsOf(own), ['CALLED_IN_DOUBT']);

  const others = tellStory();
  otherIsActive(others, 'b');
  const second = others.publish('m');
  others.attempt(second, '1.a');
  others.call(second, '1.a', REFUSED);
  accept(others, second, '1.b');
  assert.deepEqual(kindsOf(others), ['CALLED_IN_DOUBT']);
});

/** A message that is sent again `restMs` after a callback told that it was taken. */
function resentAfterWord(maker: string, restMs: number): Story {
  const story = tellStory();
  const record = story.publish('m', { lane: 'otp' });
  story.attempt(record, '1.a');
  story.call(record, '1.a', NO_ANSWER);
  story.pass(11_000);
  story.callback(record, '1.a', 'DELIVERED');
  story.pass(restMs);
  accept(story, record, `2.${maker}`);
  return story;
}

test('a callback is known to a process that took over after it, and to any after a while', () => {
  assert.deepEqual(kindsOf(resentAfterWord('b', 2_500)), ['CALLED_AFTER_WORD']);
  assert.deepEqual(kindsOf(resentAfterWord('a', 2_500)), []);
  assert.deepEqual(kindsOf(resentAfterWord('a', 10_500)), ['CALLED_AFTER_WORD']);
});

test('an unsigned callback is no word', () => {
  const history = resentAfterWord('b', 11_000).history();
  const events = history.events.map((one) => ({ ...one, verified: one.origin === 'SENDER' }));
  assert.deepEqual(judge({ ...history, events }, TERMS).violations, []);
});

test('a callback that comes just before the resend may not have been read', () => {
  const story = tellStory();
  const record = story.publish('m', { lane: 'otp' });
  story.attempt(record, '1.a');
  story.call(record, '1.a', NO_ANSWER);
  story.pass(11_000);
  story.callback(record, '1.a', 'DELIVERED');
  accept(story, record, '2.a');
  assert.deepEqual(kindsOf(story), []);
});

test('a request that was broken off names no attempt, and was not taken', () => {
  const story = tellStory();
  const record = story.publish('m');
  story.attempt(record, '1.a');
  story.call(record, '1.a', { status: null, taken: false });
  story.tell(record, 'IN_DOUBT', '1.a');
  const history = story.history();
  const arrivals = history.arrivals.map((one) => ({ ...one, call: null }));
  const verdict = judge({ ...history, arrivals }, TERMS);
  assert.deepEqual(verdict.violations, []);
  assert.equal(verdict.figures.callsUnnamed, 1);
});
