import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellStory } from './story.ts';
import { accept, kindsOf, otherIsActive, TAKEN, TERMS, verdictOf } from './test-support.ts';
import { judge } from './verdict.ts';

test('a repeat of a message that is on its way needs nothing, and neither order of the two', () => {
  for (const first of [0, 1] as const) {
    const story = tellStory();
    const records = [story.publish('m'), story.publish('m', { lane: 'otp' })] as const;
    const sent = records[first];
    story.attempt(sent, '1.a');
    story.commit(records[1 - first] ?? sent);
    story.call(sent, '1.a', TAKEN);
    story.tell(sent, 'ACCEPTED', '1.a');
    story.commit(sent);
    assert.deepEqual(kindsOf(story), []);
    assert.equal(verdictOf(story).figures.repeats, 1);
  }
});

test('a message of which one record is held is not let go', () => {
  const story = tellStory();
  const record = story.publish('m', { expires: true });
  const repeat = story.publish('m', { lane: 'otp', expires: true });
  story.commit(repeat);
  story.tell(record, 'EXPIRED', null);
  assert.deepEqual(kindsOf(story), []);
});

test('but a message that nobody held before it was repeated was let go', () => {
  const story = tellStory();
  const record = story.publish('m');
  story.commit(record);
  const repeat = story.publish('m', { lane: 'otp' });
  accept(story, repeat, '1.a');
  assert.deepEqual(kindsOf(story), ['COMMITTED_AHEAD']);
});

test('a commit that goes back is counted, and what was done stays done', () => {
  const story = tellStory();
  const records = [story.publish('m-1', { expires: true }), story.publish('m-2', { expires: true })] as const;
  for (const record of records) story.tell(record, 'EXPIRED', null);
  story.commit(records[1]);
  story.commit(records[0]);
  assert.deepEqual(kindsOf(story), []);
  assert.equal(verdictOf(story).figures.commitsBackward, 1);
});

test('dead letters whose time is not known are believed to have come in time', () => {
  const story = tellStory();
  const record = story.publish(null);
  story.commit(record);
  story.putAside(record);
  assert.deepEqual(kindsOf(story), ['COMMITTED_AHEAD']);
  const history = story.history();
  const deadLetters = history.deadLetters.map(({ of }) => ({ of, appendedAtMs: null }));
  assert.deepEqual(judge({ ...history, deadLetters }, TERMS).violations, []);
});

test('times that are next to each other prove no order', () => {
  const story = tellStory();
  const record = story.publish('m');
  story.call(record, '1.a', TAKEN);
  story.pass(-60);
  story.attempt(record, '1.a');
  story.commit(record);
  story.pass(-60);
  story.tell(record, 'ACCEPTED', '1.a');
  assert.deepEqual(kindsOf(story), []);
});

test('a request of a newer schema is put aside and needs no settling', () => {
  const story = tellStory();
  const record = story.publish('m', { isSound: false });
  story.putAside(record);
  story.commit(record);
  assert.deepEqual(kindsOf(story), []);
});

test('a record that is put aside again was put aside the first time', () => {
  const story = tellStory();
  const record = story.publish(null);
  story.putAside(record);
  story.commit(record);
  story.putAside(record);
  assert.deepEqual(kindsOf(story), []);
  assert.equal(verdictOf(story).figures.deadLettersAgain, 1);
});

test('an event that is in the log twice is one event, and counted', () => {
  const story = tellStory();
  const record = story.publish('m');
  accept(story, record, '1.a');
  story.tell(record, 'ACCEPTED', '1.a');
  story.attempt(record, '1.a');
  assert.deepEqual(kindsOf(story), []);
  assert.equal(verdictOf(story).figures.duplicateWrites, 2);
});

test('hand-overs are told with the longest time without attempts', () => {
  const story = tellStory();
  otherIsActive(story, 'a');
  story.pass(7_000);
  otherIsActive(story, 'b');
  const { replicas, handOvers, longestHandOverMs } = verdictOf(story).figures;
  // Between the two attempts lie three steps of `a` or `b` and the pause.
  assert.deepEqual(
    { replicas, handOvers, longestHandOverMs },
    { replicas: 2, handOvers: 1, longestHandOverMs: 7_400 },
  );
});
