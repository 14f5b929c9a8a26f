import type { Arrival } from '../history.ts';
import { at, type Violation } from '../violation.ts';

/** Verihubs counts its limit by the second. */
const WINDOW_MS = 1_000;

/** No sliding second of arrivals, whatever was answered, holds more than the limit. One violation for each excess. */
export function neverTooFast(arrivals: readonly Arrival[], maxPerSecond: number): readonly Violation[] {
  const violations: Violation[] = [];
  let most: { readonly count: number; readonly endsAtMs: number } | undefined;
  const close = () => {
    if (most)
      violations.push({
        kind: 'TOO_FAST',
        text: `${most.count} requests in the second that ends at ${at(most.endsAtMs)}`,
      });
    most = undefined;
  };
  for (const { count, last } of windows(arrivals, WINDOW_MS)) {
    if (count <= maxPerSecond) close();
    else if (count > (most?.count ?? 0)) most = { count, endsAtMs: last.arrivedAtMs };
  }
  close();
  return violations;
}

/** The most arrivals that any sliding second holds, or any second and `moreMs`. */
export function fullestWindow(arrivals: readonly Arrival[], moreMs = 0): number {
  let fullest = 0;
  for (const { count } of windows(arrivals, WINDOW_MS + moreMs)) fullest = Math.max(fullest, count);
  return fullest;
}

/** For each arrival how many the time that ends with it holds; one that is exactly `lengthMs` old is out. */
function* windows(arrivals: readonly Arrival[], lengthMs: number) {
  const sorted = arrivals.toSorted((a, b) => a.run - b.run || a.receivedMs - b.receivedMs);
  let first = 0;
  for (const [i, last] of sorted.entries()) {
    const isOut = ({ run, receivedMs }: Arrival) =>
      run !== last.run || receivedMs <= last.receivedMs - lengthMs;
    for (let oldest = sorted[first]; oldest && isOut(oldest); oldest = sorted[first]) first += 1;
    yield { count: i - first + 1, last };
  }
}
