import type { Cluster } from 'kafkajs';
import { overheard } from './overhear.ts';

/**
 * How long this member can be sure that the group has no other active one: its session, counted on the monotonic
 * clock from the moment the last answered heartbeat was *sent*. Counted from the answer it would look fresh after a
 * long stop of the process, when the answer is read at last.
 */
export interface Lease {
  holds(): boolean;
  /** Takes note of what is sent to the group's coordinator from now on. */
  watch(cluster: Pick<Cluster, 'findGroupCoordinator'>): void;
  /** The epoch is over. */
  end(): void;
}

/** Answers to these restart the session at the broker. */
const RENEWING: ReadonlySet<PropertyKey> = new Set(['heartbeat', 'syncGroup']);

/** For the time between a look at the lease and the byte that leaves, and for clocks that drift. */
const MARGIN_MS = 1_000;

/** @param monotonic in ms */
export function createLease(
  sessionTimeoutMs: number,
  monotonic: () => number = () => performance.now(),
): Lease {
  let until = Number.NEGATIVE_INFINITY;
  /** Answers to what was asked in an epoch that is over renew nothing. */
  let epoch = 0;

  function asked(name: PropertyKey): (() => void) | undefined {
    // Before a crash is told of, the group is left: from then on another member may be active.
    if (name === 'leaveGroup') end();
    if (!RENEWING.has(name)) return;
    const [sentAt, sentIn] = [monotonic(), epoch];
    return () => {
      if (sentIn === epoch) until = Math.max(until, sentAt + sessionTimeoutMs - MARGIN_MS);
    };
  }

  function end(): void {
    epoch += 1;
    until = Number.NEGATIVE_INFINITY;
  }

  return {
    holds: () => monotonic() < until,
    watch(cluster) {
      const find = cluster.findGroupCoordinator.bind(cluster);
      cluster.findGroupCoordinator = async (group) => overheard(await find(group), asked);
    },
    end,
  };
}
