/**
 * Decides which lane the next slot of the rate goes to. The most urgent lane that waits gets it, except that
 * each less urgent lane earns its share per slot while it waits, and gets the slot when it has earned a whole
 * one. So a share that is not used goes to the most urgent lane that waits, and no lane that waits starves.
 */
export interface Shares {
  /**
   * Gives away one slot: to be called once per slot.
   * @param waiting for each lane, the most urgent first, whether it has something to send
   * @returns the index of the lane, or -1 when none waits: then nothing is earned or paid
   */
  pick(waiting: readonly boolean[]): number;
}

/**
 * @param shares of the lanes, the most urgent first: whole numbers from 1 on, together one slot (50, 30 and 20
 *   say the same as 5, 3 and 2). Sums of whole numbers are exact: ten tenths of a slot are a slot
 * @throws RangeError for other numbers
 */
export function createShares(shares: readonly number[]): Shares {
  if (!shares.every((share) => Number.isSafeInteger(share) && share >= 1)) {
    throw new RangeError(`shares must be whole numbers from 1 on: ${shares.join(', ')}`);
  }
  const slot = shares.reduce((sum, share) => sum + share, 0);
  const earned = shares.map(() => 0);

  /** @returns the most urgent lane that has earned a slot, or -1 */
  function earn(waiting: readonly boolean[], mostUrgent: number): number {
    let due = -1;
    for (let lane = mostUrgent + 1; lane < shares.length; lane++) {
      if (!waiting[lane]) continue;
      earned[lane] = (earned[lane] ?? 0) + (shares[lane] ?? 0);
      if (due === -1 && (earned[lane] ?? 0) >= slot) due = lane;
    }
    return due;
  }

  return {
    pick(waiting) {
      const mostUrgent = waiting.indexOf(true);
      if (mostUrgent === -1) return -1;
      const due = earn(waiting, mostUrgent);
      const picked = due === -1 ? mostUrgent : due;
      earned[picked] = Math.max(0, (earned[picked] ?? 0) - slot);
      // Only now: what a lane has beyond its slot is its own, but more than one slot nobody saves up.
      for (let lane = 0; lane < earned.length; lane++) earned[lane] = Math.min(earned[lane] ?? 0, slot);
      return picked;
    },
  };
}
