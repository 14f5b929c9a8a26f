import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Status } from '@whatsapp-stream/schemas';
import { soundHistory, tellStory } from './story.ts';
import { accept, kindsOf, REFUSED, sentAgain, TAKEN, TERMS } from './test-support.ts';
import { unproven } from './unproven.ts';
import { judge } from './verdict.ts';

for (const status of ['REFUSED', 'EXPIRED', 'GAVE_UP', 'IN_DOUBT'] as const satisfies Status[]) {
  test(`a message that ends as ${status} without a cause is told`, () => {
    const story = tellStory();
    const record = story.publish('m');
    story.tell(record, status, null);
    story.commit(record);
    assert.deepEqual(kindsOf(story), ['NO_CAUSE']);
  });
}

test('a sound message is not put aside', () => {
  const story = tellStory();
  const record = story.publish('m');
  story.putAside(record);
  story.commit(record);
  assert.deepEqual(kindsOf(story), ['NO_CAUSE']);
});

test('a refusal by Verihubs is a cause, and trouble with the account is none', () => {
  const refusedBy = (status: number) => {
    const story = tellStory();
    const record = story.publish('m');
    story.attempt(record, '1.a');
    story.call(record, '1.a', { ...REFUSED, status });
    story.tell(record, 'REFUSED', '1.a');
    return kindsOf(story);
  };
  assert.deepEqual([400, 409, 401, 403].map(refusedBy), [[], [], ['NO_CAUSE'], ['NO_CAUSE']]);
});

test('a resend before the grace time is over is told, whoever makes it', () => {
  for (const second of ['2.a', '2.b']) {
    const story = tellStory();
    const record = story.publish('m', { lane: 'otp' });
    story.attempt(record, '1.a');
    story.call(record, '1.a', TAKEN);
    story.pass(3_000);
    accept(story, record, second);
    assert.deepEqual(kindsOf(story), ['RESENT_TOO_SOON'], second);
  }
});

test('two processes that send beside each other are told, though nothing is doubled', () => {
  const history = sentBeside();
  assert.deepEqual(
    new Set(judge(history, TERMS).violations.map(({ kind }) => kind)),
    new Set(['TWO_ACTIVE']),
  );
});

function sentBeside() {
  const story = tellStory();
  for (let i = 0; i < 20; i++) {
    const record = story.publish(`m-${i}`);
    accept(story, record, '1.a');
  }
  const history = story.history();
  const by = <T extends { readonly attemptId: string | null }>(one: T, id: string | null): T => ({
    ...one,
    attemptId: Number(id?.split('-')[1]) % 2 === 0 ? one.attemptId : '1.b',
  });
  return {
    ...history,
    events: history.events.map((one) => by(one, one.messageId)),
    arrivals: history.arrivals.map((one) => ({ ...one, call: one.call && by(one.call, one.call.messageId) })),
  };
}

test('a callback that was answered 200 and is not in the log is told', () => {
  const story = tellStory();
  const record = sentAgain(story);
  const kept = { eventId: story.callback(record, '1.a', 'SENT'), messageId: 'm', code: 1 };
  const lost = { eventId: 'of-nothing', messageId: 'm', code: 2 };
  const history = { ...story.history(), acknowledged: [kept, lost] };
  const kinds = judge(history, TERMS).violations.map(({ kind }) => kind);
  assert.ok(kinds.filter((kind) => kind === 'CALLBACK_LOST').length === 1);
});

test('what was not there, or could not be read, proves nothing', () => {
  const { figures } = judge(soundHistory(), TERMS);
  assert.deepEqual(unproven(figures, false), []);
  assert.equal(unproven({ ...figures, commits: 0 }, false).length, 1);
  assert.equal(unproven({ ...figures, skippedEvents: 3 }, true).length, 2);
  assert.equal(unproven(judge(tellStory().history(), TERMS).figures, false).length, 5);
});
