/** Nothing is doubled: the lock is kafkajs' own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownLibraryModule } from './library-module.ts';
import { tryAgainAfterLockTimeouts } from './lock-timeouts.ts';

interface Lock {
  acquire(): Promise<void>;
  release(): Promise<void>;
}
const Lock = knownLibraryModule<new (options: { readonly timeout: number }) => Lock>('utils/lock.js');

test('who waits too long for a lock tries again; who gets it has it', async () => {
  const lockedFor = async () => {
    const lock = new Lock({ timeout: 1 });
    await lock.acquire();
    return lock;
  };
  await assert.rejects((await lockedFor()).acquire(), { name: 'KafkaJSLockTimeout', retriable: false });
  tryAgainAfterLockTimeouts();
  const lock = await lockedFor();
  await assert.rejects(lock.acquire(), { name: 'KafkaJSLockTimeout', retriable: true });
  await lock.release();
  await lock.acquire();
});
