import { createRequire } from 'node:module';

interface Prototype {
  readonly prototype: object;
}

/**
 * kafkajs 2.2.4 notes moments of the wall clock and compares them with it later. When the clock is set back by an
 * hour, for an hour no heartbeat is sent (the session ends, nobody joins again), no request times out, metadata
 * does not age and a throttled connection stays silent; set forward, every request under way times out at once.
 *
 * Here such a moment moves along with the wall clock, so that its distance from now is what the monotonic clock
 * says. What else kafkajs asks the wall clock for decides nothing with our settings: durations and timestamps that
 * it tells, automatic commits, preferred replicas of a rack.
 */
export function keepMomentsWhenWallClockIsSet(): void {
  const require = createRequire(import.meta.url);
  const keep = (module: string, property: string) =>
    keepMoment((require(`kafkajs/src/${module}`) as Prototype).prototype, property);
  keep('consumer/consumerGroup', 'lastRequest');
  keep('network/requestQueue/socketRequest', 'sentAt');
  keep('network/requestQueue', 'throttledUntil');
  keep('cluster/brokerPool', 'metadataExpireAt');
}

/** `null` stands for no moment. */
function keepMoment(prototype: object, property: string): void {
  const onMonotonicClock = new WeakMap<object, number>();
  const ahead = () => Date.now() - performance.now();
  Object.defineProperty(prototype, property, {
    configurable: true,
    enumerable: true,
    get(this: object): number | null {
      const moment = onMonotonicClock.get(this);
      return moment === undefined ? null : moment + ahead();
    },
    set(this: object, moment: number | null) {
      if (moment === null) onMonotonicClock.delete(this);
      else onMonotonicClock.set(this, moment - ahead());
    },
  });
}
