/** Doubled: the broker's switch. Observed: what is remembered of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchOutages } from './outages.ts';

test('an outage is remembered for who was asked to stop before or during it', async () => {
  const calls: string[] = [];
  const { broker, wasAway } = watchOutages({
    kill: async () => void calls.push('kill'),
    start: async () => void calls.push('start'),
  });
  assert.equal(wasAway(0), false);
  await broker?.kill();
  assert.equal(wasAway(performance.now()), true);
  await broker?.start();
  const backAt = performance.now();
  assert.equal(wasAway(backAt), true);
  assert.equal(wasAway(backAt + 60_000), false);
  assert.deepEqual(calls, ['kill', 'start']);
});

test('where the broker cannot be killed it is never away', () => {
  const { broker, wasAway } = watchOutages(undefined);
  assert.deepEqual([broker, wasAway(0)], [undefined, false]);
});
