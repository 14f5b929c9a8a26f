/** A source of numbers from 0 (included) to 1 (excluded). Passed in wherever chance decides. */
export type Random = () => number;

/** A span of time, both ends included; the same number twice is a fixed time. */
export type DelayRange = { readonly minMs: number; readonly maxMs: number };

/** A source that gives the same numbers for the same seed (mulberry32, by Tommy Ettinger, public domain). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A time within the range, evenly distributed. */
export const pickDelayMs = (range: DelayRange, random: Random): number =>
  range.minMs + (range.maxMs - range.minMs) * random();

/** A copy in random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const rest = [...items];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return result;
}
