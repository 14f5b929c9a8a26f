import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ControlChange, encodeControl } from '@whatsapp-stream/schemas';
import { createControlView } from './control-view.ts';

function viewOf(...changes: readonly ControlChange[]) {
  const view = createControlView();
  for (const [at, change] of changes.entries()) {
    const { key, value } = encodeControl(change);
    view.apply({ key: Buffer.from(key), value, timestamp: at });
  }
  return view;
}

const brake = (lane: string, paused: boolean, reason: string | null = null): ControlChange => ({
  kind: 'brake',
  lane,
  brake: { paused, reason, by: 'ana' },
});
const cancel = (id: string, source: string | null): ControlChange => ({
  kind: 'cancellation',
  id,
  cancellation: source === null ? null : { match: { source }, until: null, reason: null, by: null },
});

test('a lane is held by its own brake first, then by that of all, and it is known since when', () => {
  const view = viewOf(brake('*', true, 'all'), brake('otp', true, 'own'));
  assert.deepEqual(view.heldBy('otp'), {
    said: { paused: true, reason: 'own', by: 'ana' },
    at: 1,
    all: false,
  });
  assert.equal(view.heldBy('marketing')?.all, true);
});

test('what was resumed holds nothing, but for the other brake', () => {
  const view = viewOf(brake('*', true), brake('otp', true), brake('otp', false));
  assert.equal(view.heldBy('otp')?.all, true);
  assert.equal(viewOf(brake('otp', true), { kind: 'brake', lane: 'otp', brake: null }).heldBy('otp'), null);
});

test('cancellations are listed in the order in which they were given, without those that were undone', () => {
  const view = viewOf(
    cancel('a', 's'),
    cancel('b', 's'),
    cancel('c', 's'),
    cancel('a', 't'),
    cancel('b', null),
  );
  assert.deepEqual([...view.cancellations().keys()], ['c', 'a']);
  assert.equal(view.cancellations().get('a')?.said.match.source, 't');
});

test('what is not understood is counted and changes nothing', () => {
  const view = viewOf(brake('otp', true));
  view.apply({ key: Buffer.from('brake:otp'), value: Buffer.from('?'), timestamp: 5 });
  assert.ok(view.heldBy('otp'));
  assert.equal(view.skipped(), 1);
});
