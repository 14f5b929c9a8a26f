import { knownLibraryModule } from './library-module.ts';

interface Lock {
  acquire(): Promise<void>;
}

/**
 * Whoever connects to a broker holds a lock, and others wait for it. A broker that takes connections and never answers
 * keeps them waiting in turn, one time-out after the other, until one of them has waited too long for the lock itself:
 * kafkajs 2.2.4 takes that for a fault that nothing mends, and a consumer that meets it ends for good. It passes when
 * the broker answers.
 */
export function tryAgainAfterLockTimeouts(): void {
  const { prototype } = knownLibraryModule<{ readonly prototype: Lock }>('utils/lock.js');
  const { acquire } = prototype;
  prototype.acquire = async function acquireOrTryAgain(this: Lock) {
    try {
      await acquire.call(this);
    } catch (error) {
      throw error instanceof Error ? Object.assign(error, { retriable: true }) : error;
    }
  };
}
