/** Nothing is doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberOutages } from './outages.ts';

test('an outage is remembered for who was asked to stop before or during it', () => {
  const outages = rememberOutages();
  assert.equal(outages.wasAway(0), false);
  outages.begin();
  assert.equal(outages.wasAway(performance.now()), true);
  outages.end();
  const backAt = performance.now();
  assert.equal(outages.wasAway(backAt), true);
  assert.equal(outages.wasAway(backAt + 60_000), false);
});
