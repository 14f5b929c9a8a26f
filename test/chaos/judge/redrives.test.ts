import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Status } from '@whatsapp-stream/schemas';
import type { SendRecord } from './history.ts';
import { type Story, tellStory } from './story.ts';
import { accept, kindsOf, NO_ANSWER, verdictOf } from './test-support.ts';

/** A message that is held in doubt after its one attempt, and its redrive. */
function redriven(
  answer: typeof NO_ANSWER | { readonly status: null; readonly taken: false } = NO_ANSWER,
  isSound = true,
) {
  const story = tellStory();
  const record = story.publish('m');
  story.attempt(record, '1.a');
  story.call(record, '1.a', answer);
  story.pass(11_000);
  const doubt = story.tell(record, 'IN_DOUBT', '1.a');
  story.commit(record);
  return { story, record, redrive: () => story.publish('m', { redriveOf: doubt, isSound }) };
}

test('a redrive out of doubt is sent and counted, also when both are taken', () => {
  const { story, redrive } = redriven();
  const again = redrive();
  accept(story, again, '2.a');
  story.commit(again);
  assert.deepEqual(kindsOf(story), []);
  const { redrives, takenByRedrive, takenAgainExplained } = verdictOf(story).figures;
  assert.deepEqual([redrives, takenByRedrive, takenAgainExplained], [1, 1, 0]);
});

test('a redrive that nothing came of is lost, if no other attempt can have been taken', () => {
  const lost = redriven({ status: null, taken: false });
  lost.redrive();
  assert.deepEqual(kindsOf(lost.story), ['LOST']);

  const passedOver = redriven();
  passedOver.story.callback(passedOver.record, '1.a', 'SENT');
  passedOver.story.commit(passedOver.redrive());
  assert.deepEqual(kindsOf(passedOver.story), []);

  const putAside = redriven({ status: null, taken: false }, false);
  putAside.story.putAside(putAside.redrive());
  assert.deepEqual(kindsOf(putAside.story), []);
});

test('a redrive out of doubt is not excused by a call of which no sender can know that it was taken', () => {
  const lost = redriven();
  lost.story.commit(lost.redrive());
  assert.deepEqual(kindsOf(lost.story), ['LOST']);
});

test('a redrive that is appended twice needs one end', () => {
  const { story, redrive } = redriven({ status: null, taken: false });
  const records = [redrive(), redrive()] as const;
  accept(story, records[1], '2.a');
  story.commit(records[0]);
  story.commit(records[1]);
  assert.deepEqual(kindsOf(story), []);
  assert.equal(verdictOf(story).figures.redrives, 1);
});

test('a redrive that is refused without an attempt, as the first one was, has ended', () => {
  const story = tellStory();
  const record = story.publish('m', { isSound: false });
  const refused = story.tell(record, 'REFUSED', null);
  const redrive = story.publish('m', { redriveOf: refused });
  assert.deepEqual(kindsOf(story), ['LOST']);
  story.tell(redrive, 'REFUSED', null);
  assert.deepEqual(kindsOf(story), []);
  assert.equal(verdictOf(story).figures.duplicateWrites, 0);
});

test('a redrive that is committed before its end is let go too early', () => {
  const { story, redrive } = redriven();
  const again = redrive();
  story.commit(again);
  accept(story, again, '2.a');
  assert.deepEqual(kindsOf(story), ['COMMITTED_AHEAD']);
});

/** A message of which a callback tells, and which is sent by a redrive after that. */
function redrivenAfter(status: Status, restMs: number): Story {
  const { story, record, redrive } = redriven();
  story.callback(record, '1.a', status);
  story.pass(restMs);
  accept(story, redrive(), '2.a');
  return story;
}

test('a message that is known to be taken is not redriven, unless a callback says that it failed', () => {
  assert.deepEqual(kindsOf(redrivenAfter('SENT', 11_000)), ['CALLED_AFTER_WORD']);
  assert.deepEqual(kindsOf(redrivenAfter('SENT', 1_000)), []);
  assert.deepEqual(kindsOf(redrivenAfter('REJECTED', 11_000)), []);
});

test('a redrive that answers a rejection and that nothing came of is lost, although the message was taken once', () => {
  const story = tellStory();
  const record = story.publish('m');
  accept(story, record, '1.a');
  const rejected = story.callback(record, '1.a', 'REJECTED');
  story.commit(story.publish('m', { redriveOf: rejected }));
  assert.deepEqual(kindsOf(story), ['LOST']);
});

test('a redrive that answers no event of its message, or one that is no end, was not asked for', () => {
  const of = (answered: (story: Story, record: SendRecord) => string) => {
    const story = tellStory();
    const record = story.publish('m');
    accept(story, record, '1.a');
    const event = answered(story, record);
    accept(story, story.publish('m', { redriveOf: event }), '2.a');
    return kindsOf(story);
  };
  assert.deepEqual(
    of((story, record) => story.callback(record, '1.a', 'REJECTED')),
    [],
  );
  assert.deepEqual(
    of((story, record) => story.callback(record, '1.a', 'SENT')),
    ['NOT_ASKED_FOR'],
  );
  assert.deepEqual(
    of(() => 'no-such-event'),
    ['NOT_ASKED_FOR'],
  );
});
