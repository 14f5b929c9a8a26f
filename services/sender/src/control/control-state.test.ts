import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Cancellable,
  type CancelMatch,
  type ControlChange,
  encodeControl,
} from '@whatsapp-stream/schemas';
import { createControlState } from './control-state.ts';

const APPENDED_AT = 1_000;
const message: Cancellable = {
  messageId: 'm-1',
  source: 'shop',
  template: 'sale',
  lane: 'marketing',
  appendedAt: APPENDED_AT,
};

/** A state that was told these changes, each at `timestamp`. */
function setUp(...changes: readonly ControlChange[]) {
  const state = createControlState();
  const tell = (change: ControlChange, timestamp = APPENDED_AT) => {
    const { key, value } = encodeControl(change);
    return state.apply({ key: Buffer.from(key), value, timestamp });
  };
  for (const change of changes) assert.equal(tell(change), 'changed');
  return { ...state, tell };
}

const pause = (lane: string, reason: string | null = null): ControlChange => ({
  kind: 'brake',
  lane,
  brake: { paused: true, reason, by: 'ana' },
});
const resume = (lane: string): ControlChange => ({
  kind: 'brake',
  lane,
  brake: { paused: false, reason: null, by: 'ana' },
});
const lift = (lane: string): ControlChange => ({ kind: 'brake', lane, brake: null });
const cancel = (id: string, match: CancelMatch, until: number | null = null): ControlChange => ({
  kind: 'cancellation',
  id,
  cancellation: { match, until, reason: `rule ${id}`, by: null },
});
const undo = (id: string): ControlChange => ({ kind: 'cancellation', id, cancellation: null });

test('nothing is held back or called back before somebody says so', () => {
  const { brake, cancellation } = setUp();
  assert.deepEqual([brake('otp'), cancellation(message)], [null, null]);
});

test('a lane is held back by its own brake, and by that of all lanes', () => {
  const { brake, tell } = setUp(pause('marketing', 'wrong text'));
  assert.deepEqual([brake('marketing')?.reason, brake('otp')], ['paused by ana: wrong text', null]);
  tell(pause('*'));
  assert.deepEqual(
    [brake('marketing')?.reason, brake('otp')?.reason],
    ['paused by ana: wrong text', 'all lanes are paused by ana'],
  );
});

test('each brake is taken back by itself, by a later record or a tombstone', () => {
  const { brake, tell } = setUp(pause('marketing'), pause('*'), resume('marketing'));
  assert.equal(brake('marketing')?.reason, 'all lanes are paused by ana');
  tell(lift('*'));
  assert.deepEqual([brake('marketing'), brake('otp')], [null, null]);
});

test('a message is called back by its id, or by all that a cancellation names', () => {
  const byId = setUp(cancel('a', { message_id: 'm-1' }));
  assert.equal(byId.cancellation(message)?.reason, 'called back: rule a');
  assert.equal(byId.cancellation({ ...message, messageId: 'm-2' }), null);
  const byTwo = setUp(cancel('b', { template: 'sale', lane: 'marketing' }));
  assert.equal(byTwo.cancellation(message)?.reason, 'called back: rule b');
  assert.equal(byTwo.cancellation({ ...message, lane: 'transactional' }), null);
  const byIdAndMore = setUp(cancel('c', { message_id: 'm-1', source: 'bank' }));
  assert.equal(byIdAndMore.cancellation(message), null);
});

test('without a time of its own a cancellation holds up to when it was appended', () => {
  const { cancellation } = setUp(cancel('a', { source: 'shop' }), cancel('b', { message_id: 'm-9' }));
  assert.ok(cancellation(message));
  assert.equal(cancellation({ ...message, appendedAt: APPENDED_AT + 1 }), null);
  assert.equal(cancellation({ ...message, source: '', messageId: 'm-9', appendedAt: APPENDED_AT + 1 }), null);
});

test('with a time it holds up to then, in the past or still to come', () => {
  const { cancellation, tell } = setUp(cancel('a', { source: 'shop' }, APPENDED_AT - 1));
  assert.equal(cancellation(message), null);
  tell(cancel('a', { source: 'shop' }, APPENDED_AT + 1));
  assert.ok(cancellation({ ...message, appendedAt: APPENDED_AT + 1 }));
});

test('an undone cancellation holds no more, and others of the same message go on', () => {
  const { cancellation, tell } = setUp(
    cancel('a', { message_id: 'm-1' }),
    cancel('b', { message_id: 'm-1' }),
  );
  tell(undo('a'));
  assert.equal(cancellation(message)?.reason, 'called back: rule b');
  tell(undo('b'));
  assert.equal(cancellation(message), null);
  assert.equal(tell(undo('never-there')), 'changed');
});

test('a cancellation that is given again under its id takes the place of the first', () => {
  const { cancellation, tell } = setUp(cancel('a', { message_id: 'm-1' }));
  tell(cancel('a', { source: 'bank' }));
  assert.equal(cancellation(message), null);
  assert.ok(cancellation({ ...message, source: 'bank' }));
});

test('what holds only for records that are gone is dropped', () => {
  const { cancellation, forgetBefore } = setUp(
    cancel('a', { message_id: 'm-1' }),
    cancel('b', { source: 'shop' }, APPENDED_AT + 5),
  );
  forgetBefore(APPENDED_AT + 1);
  assert.equal(cancellation(message)?.reason, 'called back: rule b');
  forgetBefore(APPENDED_AT + 6);
  assert.equal(cancellation(message), null);
});

test('what is not understood changes nothing and says why', () => {
  const { apply, brake } = setUp(pause('otp'));
  const record = { key: Buffer.from('brake:otp'), timestamp: APPENDED_AT };
  assert.deepEqual(apply({ ...record, value: Buffer.from('{"v":2}') }), { skipped: 'NEWER_VERSION' });
  assert.deepEqual(apply({ ...record, value: Buffer.from('?') }), { skipped: 'NOT_JSON' });
  assert.deepEqual(apply({ ...record, key: null, value: null }), { skipped: 'UNKNOWN_KEY' });
  assert.ok(brake('otp'));
});
