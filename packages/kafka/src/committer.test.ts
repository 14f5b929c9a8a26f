import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Committer, createCommitter } from './committer.ts';

const none = () => undefined;
const log = { debug: none, info: none, warn: none, error: none };
const commits = [{ topic: 't', partition: 0, offset: 7, metadata: 'm' }];
const never = () => false;

/** A consumer that answers a commit as `answer` says, and tells of it when it says true. */
function committerOf(answer: () => Promise<boolean>): Committer {
  let tell: () => void = none;
  const consumer = {
    events: { COMMIT_OFFSETS: 'consumer.commit_offsets' },
    on: (_name: string, listener: () => void) => {
      tell = listener;
      return none;
    },
    commitOffsets: async () => {
      if (await answer()) tell();
    },
  };
  return createCommitter(consumer as unknown as Parameters<typeof createCommitter>[0], log);
}

test('a commit counts once the broker has acknowledged it', async () => {
  assert.equal(await committerOf(async () => true)(never, commits), true);
});

test('a commit that resolves without being acknowledged does not count', async () => {
  assert.equal(await committerOf(async () => false)(never, commits), false);
});

test('a commit that is refused does not count, and the next one goes on', async () => {
  const answers = [() => Promise.reject(new Error('illegal generation')), () => Promise.resolve(true)];
  const commit = committerOf(() => answers.shift()?.() ?? Promise.resolve(false));
  assert.deepEqual(await Promise.all([commit(never, commits), commit(never, commits)]), [false, true]);
});

test('whether the epoch is over is asked when the turn has come', async () => {
  const held = Promise.withResolvers<boolean>();
  let over = false;
  const commit = committerOf(() => held.promise);
  const first = commit(() => over, commits);
  const second = commit(() => over, commits);
  await new Promise(setImmediate);
  over = true;
  held.resolve(true);
  assert.deepEqual(await Promise.all([first, second]), [true, false]);
});
