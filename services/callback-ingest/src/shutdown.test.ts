import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createShutdown } from './shutdown.ts';

const never = () => new Promise<never>(() => {});

test('what was opened is closed in reverse, once', async () => {
  const closed: string[] = [];
  const shutdown = createShutdown(manualClock(), { warn: () => {} });
  for (const name of ['first', 'second']) {
    shutdown.add({ name, close: async () => closed.push(name), withinMs: 10 });
  }
  assert.equal(shutdown.signal.aborted, false);
  await Promise.all([shutdown.run(), shutdown.run()]);
  assert.equal(shutdown.signal.aborted, true);
  assert.deepEqual(closed, ['second', 'first']);
});

test('what does not close in its time, or fails, is ended by force and holds up nothing', async () => {
  const events: string[] = [];
  const clock = manualClock();
  const shutdown = createShutdown(clock, { warn: (fields: object) => events.push(JSON.stringify(fields)) });
  shutdown.add({ name: 'last', close: async () => events.push('last closed'), withinMs: 10 });
  shutdown.add({ name: 'stuck', close: never, withinMs: 50, force: () => events.push('stuck forced') });
  shutdown.add({ name: 'broken', close: () => Promise.reject(new Error('x')), withinMs: 50 });
  const stopped = shutdown.run();
  await clock.advance(50);
  await stopped;
  assert.deepEqual(events, ['{"what":"broken","err":{}}', '{"what":"stuck"}', 'stuck forced', 'last closed']);
});
