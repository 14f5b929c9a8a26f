import type { LatencyRow } from '../figures.ts';
import { numberOf, oneOf, type Row, textOf } from './rows.ts';

const STEPS = ['accepted', 'sent', 'delivered', 'read'] as const;
/** As in `sql/latency_bins.sql`. */
const BINS_PER_POWER_OF_TEN = 10;

/**
 * @returns the rows of `latencies`, each with its bins, by step and then by lane, all lanes first. Messages whose lane is
 * not known count in the row of all lanes only.
 */
export function latencyRows(percentiles: readonly Row[], bins: readonly Row[]): readonly LatencyRow[] {
  const binsOf = Map.groupBy(
    bins.toSorted((a, b) => numberOf(a, 'bin') - numberOf(b, 'bin')),
    keyOf,
  );
  const named = percentiles.filter((row) => isOfAllLanes(row) || textOf(row, 'lane') !== null);
  return named.toSorted(byStepAndLane).map((row) => ({
    step: oneOf(STEPS, row, 'step'),
    lane: textOf(row, 'lane'),
    messages: numberOf(row, 'messages'),
    p50Ms: numberOf(row, 'p50_ms'),
    p95Ms: numberOf(row, 'p95_ms'),
    p99Ms: numberOf(row, 'p99_ms'),
    bins: (binsOf.get(keyOf(row)) ?? []).map(binOf),
  }));
}

const isOfAllLanes = (row: Row) => numberOf(row, 'all_lanes') === 1;

const keyOf = (row: Row) => JSON.stringify([row['step'], isOfAllLanes(row), row['lane']]);

function byStepAndLane(a: Row, b: Row): number {
  const byStep = STEPS.indexOf(oneOf(STEPS, a, 'step')) - STEPS.indexOf(oneOf(STEPS, b, 'step'));
  const byAll = Number(isOfAllLanes(b)) - Number(isOfAllLanes(a));
  return byStep || byAll || (textOf(a, 'lane') ?? '').localeCompare(textOf(b, 'lane') ?? '');
}

function binOf(row: Row): LatencyRow['bins'][number] {
  const bin = numberOf(row, 'bin');
  return {
    fromMs: bin < 0 ? 0 : edge(bin),
    toMs: edge(bin + 1),
    messages: numberOf(row, 'messages'),
  };
}

const edge = (bin: number) => 10 ** (bin / BINS_PER_POWER_OF_TEN);
