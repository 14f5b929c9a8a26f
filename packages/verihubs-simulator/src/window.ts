import type { RetryAfterStyle } from './retry-after.ts';

/** How many arrivals the last second holds, for arrival times that never go back. */
type LastSecond = {
  /** Arrivals in the half-open second that ends at `atMs`: one exactly 1,000 ms old is out. */
  count(atMs: number): number;
  add(atMs: number): void;
  clear(): void;
};

const WINDOW_MS = 1_000;
const COMPACT_AT = 4_096;

function lastSecond(): LastSecond {
  let times: number[] = [];
  let first = 0;

  function forget(atMs: number): void {
    while ((times[first] ?? Number.POSITIVE_INFINITY) <= atMs - WINDOW_MS) first += 1;
    if (first < COMPACT_AT) return;
    times = times.slice(first);
    first = 0;
  }

  return {
    count(atMs) {
      forget(atMs);
      return times.length - first;
    },
    add(atMs) {
      times.push(atMs);
    },
    clear() {
      times = [];
      first = 0;
    },
  };
}

export type RateLimit = {
  /** Arrivals allowed in any sliding second; null: no limit. */
  readonly maxRequestsPerSecond: number | null;
  /** Whether an arrival that the window refused counts against the ones that follow. */
  readonly countRefused: boolean;
  /** Sent as `Retry-After` with the 429 of the window; null: no such header. */
  readonly retryAfterSeconds: number | null;
  /** How it tells it. */
  readonly retryAfterAs: RetryAfterStyle;
};

export type SlidingWindow = {
  /** Whether an arrival at `atMs` is within the limit. Counts it. Times must never go back. */
  admit(atMs: number): boolean;
  limit(): RateLimit;
  /** Takes another limit; what has been counted stays counted. */
  setLimit(limit: RateLimit): void;
  clear(): void;
};

/**
 * The strict limit: no second, wherever it starts, holds more than the allowed number of counted arrivals.
 * Verihubs says "50 requests a second" and not how it counts; this is the strictest reading.
 */
export function slidingWindow(initial: RateLimit): SlidingWindow {
  const counted = lastSecond();
  let limit = initial;
  return {
    admit(atMs) {
      const within = limit.maxRequestsPerSecond === null || counted.count(atMs) < limit.maxRequestsPerSecond;
      if (within || limit.countRefused) counted.add(atMs);
      return within;
    },
    limit: () => limit,
    setLimit(next) {
      limit = next;
    },
    clear: counted.clear,
  };
}

export type SlidingMaximum = { add(atMs: number): void; max(): number; clear(): void };

/** The most arrivals that any sliding second has held. Times must never go back. */
export function slidingMaximum(): SlidingMaximum {
  const arrivals = lastSecond();
  let max = 0;
  return {
    add(atMs) {
      arrivals.add(atMs);
      max = Math.max(max, arrivals.count(atMs));
    },
    max: () => max,
    clear() {
      arrivals.clear();
      max = 0;
    },
  };
}

/**
 * The share of the limit that was used between the first and the last of `count` arrivals, both included:
 * perfectly even pacing at the limit gives 1. Null when there is no limit, or fewer than two arrivals.
 */
export function budgetUsed(
  count: number,
  firstMs: number,
  lastMs: number,
  maxRequestsPerSecond: number | null,
): number | null {
  if (maxRequestsPerSecond === null || count < 2 || lastMs <= firstMs) return null;
  return (count - 1) / (((lastMs - firstMs) / 1_000) * maxRequestsPerSecond);
}
