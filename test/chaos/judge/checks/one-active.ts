import { makerOf } from '../../../support/calls.ts';
import type { Arrival } from '../history.ts';
import { CLOCK_SLACK_MS } from '../known.ts';
import { at, type Violation } from '../violation.ts';

/** Who takes over waits out one of these, counted from when nobody else can be sending any more. */
const WINDOW_MS = 1_000;

/**
 * One process sends at a time: between the last request of one and the first of the next lies a window of the limit.
 * Two that send beside each other double nothing as long as luck has it, and may keep the limit while load is low.
 */
export function oneActive(arrivals: readonly Arrival[]): readonly Violation[] {
  const named = arrivals.filter(({ call }) => call !== null);
  const sorted = named.toSorted((a, b) => a.run - b.run || a.receivedMs - b.receivedMs);
  return sorted.flatMap((one, i) => {
    const before = sorted[i - 1];
    if (!before || before.run !== one.run || makerIn(before) === makerIn(one)) return [];
    const restMs = one.receivedMs - before.receivedMs;
    if (restMs >= WINDOW_MS - CLOCK_SLACK_MS) return [];
    const text = `${makerIn(one)} sent ${Math.round(restMs)} ms after ${makerIn(before)}, at ${at(one.arrivedAtMs)}`;
    return [{ kind: 'TWO_ACTIVE', text }];
  });
}

const makerIn = ({ call }: Arrival): string => makerOf(call?.attemptId ?? '');
