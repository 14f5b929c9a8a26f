import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackground } from './background.ts';

function counted() {
  let times = 0;
  const close = async () => {
    times += 1;
  };
  return { close, times: () => times };
}

test('with nothing under way, what is closed is closed once', async () => {
  const { close, times } = counted();
  const background = createBackground();
  background.run(async () => undefined);
  await new Promise(setImmediate);
  await background.closeAfter(close);
  await new Promise(setImmediate);
  assert.equal(times(), 1);
});

test('closing waits for no work under way, and is done again once that has ended', async () => {
  const { close, times } = counted();
  const background = createBackground();
  const { promise, resolve } = Promise.withResolvers<void>();
  background.run(() => promise);
  await background.closeAfter(close);
  assert.equal(times(), 1);
  resolve();
  await new Promise(setImmediate);
  assert.equal(times(), 2);
});
