import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MessageState, newStatusEvent, type Status, type StatusEvent } from '@whatsapp-stream/schemas';
import { createStates, type States, type StatesView } from './states.ts';

const all = (_state: MessageState) => true;

function event(messageId: string | null, status: Status, more: Partial<StatusEvent> = {}): StatusEvent {
  return newStatusEvent({
    event_id: `${messageId} ${more.session_id} ${status}`,
    message_id: messageId,
    status,
    origin: 'CALLBACK',
    occurred_at: 1,
    attempt: 1,
    ...more,
  });
}

/** What a partition does: remembers in `states` what is acknowledged. */
function hand(states: States, view: StatesView, told: StatusEvent, partition = 0, isWanted = all) {
  const { state, done } = view.next(told, partition, isWanted);
  return { state, ack: () => done(() => states.fold(told, partition)) };
}

function statusOf(states: States, view: StatesView, told: StatusEvent, partition = 0) {
  const { state, ack } = hand(states, view, told, partition);
  ack();
  return state && `${state.messageId} ${state.status}`;
}

test('only what changes a state is handed over', () => {
  const states = createStates(10);
  const view = states.view();
  const told = (['ACCEPTED', 'READ', 'READ', 'SENT', 'DELIVERED'] as const).map((status) =>
    statusOf(states, view, event('m', status)),
  );
  assert.deepEqual(told, ['m ACCEPTED', 'm READ', undefined, undefined, undefined]);
});

test('the times of what changed nothing are in the next state', () => {
  const states = createStates(10);
  const view = states.view();
  for (const status of ['READ', 'SENT'] as const) statusOf(states, view, event('m', status));
  const { state } = hand(states, view, event('m', 'ACCEPTED', { origin: 'SENDER' }));
  assert.deepEqual(Object.keys(state?.reachedAtMs ?? {}).toSorted(), ['ACCEPTED', 'READ', 'SENT']);
});

test('a state that was handed over and not acknowledged is handed over again in the next epoch', () => {
  const states = createStates(10);
  const before = states.view();
  hand(states, before, event('m', 'SENT')).ack();
  hand(states, before, event('m', 'DELIVERED'));
  // A duplicate of what is pending, which is done at once.
  const duplicate = hand(states, before, event('m', 'DELIVERED'));
  assert.equal(duplicate.state, undefined);
  duplicate.ack();
  const view = states.view();
  assert.equal(statusOf(states, view, event('m', 'DELIVERED')), 'm DELIVERED');
  assert.equal(statusOf(states, view, event('m', 'SENT')), undefined);
});

test('what is pending counts for the next event of its message, and what was passed over meanwhile is kept', () => {
  const states = createStates(10);
  const view = states.view();
  const notRead = (state: MessageState) => state.status !== 'READ';
  const sent = hand(states, view, event('m', 'SENT'));
  const read = hand(states, view, event('m', 'READ'), 0, notRead);
  assert.equal(read.state, undefined);
  read.ack();
  sent.ack();
  assert.equal(statusOf(states, view, event('m', 'DELIVERED')), undefined);
});

test('a callback that knows only the session is joined to its message, whichever came first', () => {
  const states = createStates(10);
  const view = states.view();
  const accepted = (id: string) =>
    event(id, 'ACCEPTED', { origin: 'SENDER', session_id: `session of ${id}`, lane: 'otp' });
  const callback = (id: string, status: Status) => event(null, status, { session_id: `session of ${id}` });
  assert.equal(statusOf(states, view, accepted('m'), 0), 'm ACCEPTED');
  assert.equal(statusOf(states, view, callback('m', 'SENT'), 1), 'm SENT');

  assert.equal(statusOf(states, view, callback('n', 'DELIVERED'), 1), 'null DELIVERED');
  const { state, ack } = hand(states, view, accepted('n'), 0);
  ack();
  assert.deepEqual([state?.messageId, state?.status, state?.lane], ['n', 'DELIVERED', 'otp']);
  assert.equal(statusOf(states, view, callback('n', 'SENT'), 1), undefined);
});

test('what came from a partition that is lost is forgotten, and sessions with it', () => {
  const states = createStates(10);
  statusOf(states, states.view(), event('m', 'READ', { session_id: 's' }), 0);
  statusOf(states, states.view(), event('n', 'READ'), 1);
  states.keepOnly(new Set([1]));
  assert.equal(statusOf(states, states.view(), event('n', 'SENT'), 1), undefined);
  assert.equal(statusOf(states, states.view(), event(null, 'SENT', { session_id: 's' }), 1), 'null SENT');
});

test('a message belongs to the partition of its own events, also if a callback of its session is done before them', () => {
  const states = createStates(10);
  const view = states.view();
  const accepted = hand(states, view, event('m', 'ACCEPTED', { session_id: 's' }), 0);
  statusOf(states, view, event(null, 'READ', { session_id: 's' }), 1);
  accepted.ack();
  states.keepOnly(new Set([0]));
  assert.equal(statusOf(states, states.view(), event('m', 'SENT'), 0), undefined);
});

test('no more messages are remembered than are allowed: those of the latest events', () => {
  const states = createStates(2);
  const view = states.view();
  for (const id of ['a', 'b', 'a', 'c']) statusOf(states, view, event(id, 'READ'));
  const told = ['a', 'c', 'b'].map((id) => statusOf(states, view, event(id, 'SENT')));
  assert.deepEqual(told, [undefined, undefined, 'b SENT']);
});
