import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { shared } from './shared.ts';

test('who asks while it is under way shares the next one, which begins when this one has ended', async () => {
  const runs: PromiseWithResolvers<number>[] = [];
  const ask = shared(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  const first = ask();
  await settle();
  const [second, third] = [ask(), ask()];
  await settle();
  assert.equal(runs.length, 1);
  runs[0]?.resolve(1);
  assert.equal(await first, 1);
  await settle();
  assert.equal(runs.length, 2);
  runs[1]?.resolve(2);
  assert.deepEqual(await Promise.all([second, third]), [2, 2]);
});

test('one that fails fails for those who shared it, and the next one begins', async () => {
  let fails = true;
  const ask = shared(async () => {
    if (fails) throw new Error('away');
    return 'here';
  });
  await assert.rejects(ask(), /away/);
  fails = false;
  assert.equal(await ask(), 'here');
});
