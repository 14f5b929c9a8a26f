export type BoundedList<T> = {
  add(item: T): void;
  /** What is kept, oldest first. */
  items(): readonly T[];
  /** How many were forgotten since the last clear. */
  forgotten(): number;
  clear(): void;
};

/** Keeps at least the latest `capacity` items, and never more than twice as many. */
export function boundedList<T>(capacity: number): BoundedList<T> {
  let kept: T[] = [];
  let dropped = 0;
  return {
    add(item) {
      kept.push(item);
      if (kept.length < 2 * capacity) return;
      dropped += kept.length - capacity;
      kept = kept.slice(-capacity);
    },
    items: () => kept,
    forgotten: () => dropped,
    clear() {
      kept = [];
      dropped = 0;
    },
  };
}
