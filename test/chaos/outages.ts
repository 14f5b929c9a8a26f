import type { BrokerSwitch } from '@whatsapp-stream/stack';

/** Remembers when the broker was away. */
export interface Outages {
  /** The same switch, watched. */
  readonly broker: BrokerSwitch | undefined;
  /** Whether the broker was away, or had only just come back, at any moment since then (monotonic ms). */
  wasAway(since: number): boolean;
}

/** Clients ask again ever more seldom, so they find it a while after it is back. */
const FOUND_AGAIN_WITHIN_MS = 10_000;

export function watchOutages(broker: BrokerSwitch | undefined): Outages {
  let lastAway = Number.NEGATIVE_INFINITY;
  let isAway = false;
  return {
    broker: broker && {
      async kill() {
        isAway = true;
        await broker.kill();
      },
      async start() {
        await broker.start();
        isAway = false;
        lastAway = performance.now();
      },
    },
    wasAway: (since) => isAway || lastAway + FOUND_AGAIN_WITHIN_MS > since,
  };
}
