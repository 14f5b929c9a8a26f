import type { Consumer } from 'kafkajs';

/** How a consumer ends, at any moment of its life and only once. */
export interface Departure {
  hasBegun(): boolean;
  /** @throws when the departure has begun, so that nothing more is started */
  refuse(): void;
  /** To be called before each join. @throws when the departure has begun, which ends the join */
  joining(): void;
  /** Leaves the group if it is in one, and cleans up; repeated calls wait for the same end. */
  leave(): Promise<void>;
}

/**
 * kafkajs 2.2.4 forgets a runner that is stopped while it joins for the first time, or anew after a crash; the
 * runner joins and lives on, and nothing can stop it. So a join that is under way is waited for, and one that
 * has not begun yet is not let.
 * @param stopReading ends the fetches under way, which leaving would wait for
 */
export function createDeparture(
  consumer: Pick<Consumer, 'disconnect' | 'on' | 'events'>,
  stopReading: () => void,
  cleanUp: () => Promise<void>,
): Departure {
  let join: PromiseWithResolvers<void> | undefined;
  let departure: Promise<void> | undefined;

  function joinEnded(): void {
    join?.resolve();
    join = undefined;
  }
  // The runner counts as running, and can be stopped, only after what GROUP_JOIN has told.
  consumer.on(consumer.events.GROUP_JOIN, () => void setImmediate(joinEnded));
  consumer.on(consumer.events.CRASH, joinEnded);

  async function depart(): Promise<void> {
    try {
      await join?.promise;
      const disconnected = consumer.disconnect();
      // Now that no other one is made.
      stopReading();
      await disconnected;
    } finally {
      await cleanUp();
    }
  }

  function refuse(): void {
    if (departure) throw new Error('the consumer was stopped');
  }

  return {
    hasBegun: () => departure !== undefined,
    refuse,
    joining() {
      if (!join) refuse();
      join ??= Promise.withResolvers();
    },
    leave() {
      departure ??= depart();
      return departure;
    },
  };
}
