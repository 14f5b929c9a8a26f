/** Keeps the newest of many, in bounded memory. */
export interface Newest<T> {
  add(item: T): void;
  /** What was kept, in order. */
  sorted(): readonly T[];
  /** How many were left out. */
  leftOut(): number;
}

/** @param compare the order; the last ones are the newest */
export function createNewest<T>(limit: number, compare: (a: T, b: T) => number): Newest<T> {
  let kept: T[] = [];
  let added = 0;
  const cut = () => {
    kept = kept.sort(compare).slice(-limit);
  };
  return {
    add(item) {
      kept.push(item);
      added += 1;
      if (kept.length >= 2 * limit) cut();
    },
    sorted() {
      cut();
      return kept;
    },
    leftOut: () => Math.max(0, added - limit),
  };
}
