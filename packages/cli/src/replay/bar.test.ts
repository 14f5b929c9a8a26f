import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellingOf } from './bar.ts';

test('tells how fast it goes and how long it will take', () => {
  assert.deepEqual(tellingOf({ passed: 300_000, total: 900_000 }, 2_000), { rate: '150,000', left: '4.0 s' });
});

test('tells nothing that it does not know', () => {
  assert.deepEqual(tellingOf({ passed: 0, total: 900_000 }, 2_000), { rate: '–', left: '–' });
});

test('more than was expected takes no negative time', () => {
  assert.equal(tellingOf({ passed: 11, total: 10 }, 1_000).left, '0 ms');
});
