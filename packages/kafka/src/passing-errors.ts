/**
 * Errors of a cluster that is away, which kafkajs 2.2.4 does not know as such: it tries nothing again after them, and a
 * consumer that meets one at the wrong moment ends for good. Here they are told from faults that nothing mends.
 */
import type { Cluster } from 'kafkajs';
import { knownLibraryModule } from './library-module.ts';

interface Lock {
  acquire(): Promise<void>;
}

/**
 * Whoever connects to a broker holds a lock, and others wait for it. A broker that takes connections and never answers
 * keeps them waiting in turn, one time-out after the other, until one of them has waited too long for the lock itself.
 */
export function tryAgainAfterLockTimeouts(): void {
  const { prototype } = knownLibraryModule<{ readonly prototype: Lock }>('utils/lock.js');
  const { acquire } = prototype;
  prototype.acquire = async function acquireOrTryAgain(this: Lock) {
    try {
      await acquire.call(this);
    } catch (error) {
      throw passing(error);
    }
  };
}

type Lookup = (...of: readonly unknown[]) => unknown;

/**
 * A question to a broker whose connection was lost, or is not complete, finds that nothing is known of what the broker
 * understands: a plain error, `Broker not connected`.
 */
export function tryAgainWhereNotConnected(): void {
  const { prototype } = knownLibraryModule<{ readonly prototype: object }>('broker/index.js');
  Object.defineProperty(prototype, 'lookupRequest', {
    configurable: true,
    set(this: object, lookup: Lookup) {
      const value = lookup.name === 'notInitializedLookup' ? () => orPass(lookup) : lookup;
      Object.defineProperty(this, 'lookupRequest', { configurable: true, writable: true, value });
    },
  });
}

function orPass(lookup: Lookup): unknown {
  try {
    return lookup();
  } catch (error) {
    throw passing(error);
  }
}

/** Where no broker answers, it says that a group has no coordinator. */
export function tryAgainWhereNoCoordinator(cluster: Pick<Cluster, 'findGroupCoordinator'>): void {
  const find = cluster.findGroupCoordinator.bind(cluster);
  cluster.findGroupCoordinator = async (group) => {
    try {
      return await find(group);
    } catch (error) {
      const isAway = error instanceof Error && error.name === 'KafkaJSGroupCoordinatorNotFound';
      throw isAway ? passing(error) : error;
    }
  };
}

function passing(error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { retriable: true }) : error;
}
