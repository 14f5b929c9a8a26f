import { createHistogram } from 'node:perf_hooks';

/** How a set of durations spreads, in ms; all null when there are none. */
export type Spread = {
  readonly count: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
};

export type Durations = { add(ms: number): void; spread(): Spread; clear(): void };

const US_PER_MS = 1_000;
const LONGEST_US = 3_600 * 1_000 * US_PER_MS;

/** Counts durations of up to an hour in constant memory, exact to three digits and one µs. */
export function durations(): Durations {
  const histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });
  const percentile = (p: number): number | null =>
    histogram.count === 0 ? null : histogram.percentile(p) / US_PER_MS;
  return {
    add(ms) {
      histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(ms * US_PER_MS))));
    },
    spread: () => ({
      count: histogram.count,
      p50: percentile(50),
      p90: percentile(90),
      p99: percentile(99),
      max: histogram.count === 0 ? null : histogram.max / US_PER_MS,
    }),
    clear() {
      histogram.reset();
    },
  };
}
