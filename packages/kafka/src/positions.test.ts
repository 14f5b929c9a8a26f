import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPositions } from './positions.ts';

test('a partition that was not started delivers nothing', () => {
  assert.deepEqual(createPositions().judge('t/0', 5), { kind: 'drop' });
});

test('batches are taken while each starts where the last one ended', () => {
  const positions = createPositions();
  positions.startAt('t/0', 5);
  assert.deepEqual(positions.judge('t/0', 5), { kind: 'take' });
  positions.advance('t/0', 9);
  assert.deepEqual(positions.judge('t/0', 9), { kind: 'take' });
});

test('a jump ahead is sought again once, then taken as a gap', () => {
  const positions = createPositions();
  positions.startAt('t/0', 5);
  assert.deepEqual(positions.judge('t/0', 8), { kind: 'seek', offset: 5 });
  assert.deepEqual(positions.judge('t/0', 8), { kind: 'take-after-gap', from: 5 });
});

test('a batch from a fetch older than the start is never taken, however often it comes', () => {
  const positions = createPositions();
  positions.startAt('t/0', 5);
  for (let time = 0; time < 3; time++) {
    assert.deepEqual(positions.judge('t/0', 2), { kind: 'seek', offset: 5 });
  }
});

test('a gap is only believed for the offset that was sought again', () => {
  const positions = createPositions();
  positions.startAt('t/0', 5);
  assert.equal(positions.judge('t/0', 8).kind, 'seek');
  assert.equal(positions.judge('t/0', 5).kind, 'take');
  positions.advance('t/0', 6);
  assert.deepEqual(positions.judge('t/0', 8), { kind: 'seek', offset: 6 });
});
