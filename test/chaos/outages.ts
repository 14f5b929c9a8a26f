/** Remembers when Kafka was out of somebody's reach. */
export interface Outages {
  begin(): void;
  end(): void;
  /** Whether it was away, or had only just come back, at any moment since then (monotonic ms). */
  wasAway(since: number): boolean;
}

/** Clients ask again ever more seldom, so they find it a while after it is back. */
const FOUND_AGAIN_WITHIN_MS = 10_000;

export function rememberOutages(): Outages {
  let lastAway = Number.NEGATIVE_INFINITY;
  let isAway = false;
  return {
    begin() {
      isAway = true;
    },
    end() {
      isAway = false;
      lastAway = performance.now();
    },
    wasAway: (since) => isAway || lastAway + FOUND_AGAIN_WITHIN_MS > since,
  };
}
