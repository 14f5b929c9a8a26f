/**
 * Which records of a partition came and are not done. They are done in any order; what may be committed is the offset
 * below which all are. Offsets that never came (of control records, or compacted) hold nothing up.
 */
export interface LowWaterMark {
  /** Offsets must rise. */
  received(offset: number): void;
  done(offset: number): void;
  /** The offset to commit: of the oldest record that is not done, or else the one after the last that came. */
  position(): number;
  unfinished(): number;
}

/** @param startsAt the offset of the first record that will come, or below it */
export function createLowWaterMark(startsAt: number): LowWaterMark {
  /** In the order in which they came, so the first one is the lowest. */
  const unfinished = new Set<number>();
  let next = startsAt;
  return {
    received(offset) {
      if (offset < next) throw new Error(`offset ${offset} came after ${next - 1}`);
      unfinished.add(offset);
      next = offset + 1;
    },
    done: (offset) => void unfinished.delete(offset),
    position: () => unfinished.values().next().value ?? next,
    unfinished: () => unfinished.size,
  };
}
