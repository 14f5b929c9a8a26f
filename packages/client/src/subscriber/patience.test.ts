import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from './patience.ts';

test('it is waited for as long as told, also without end', async () => {
  const order: string[] = [];
  const work = sleep(20).then(() => order.push('done'));
  await within(0, work);
  order.push('no longer waited for');
  await within(Number.POSITIVE_INFINITY, work);
  assert.deepEqual(order, ['no longer waited for', 'done']);
});
