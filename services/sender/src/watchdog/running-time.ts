/**
 * Between two looks, a second apart, no more than this counts as time that passed: a process that was stopped, or
 * blocked, gets as much time to go on as one that was not.
 */
const LONGEST_LOOK_GAP_MS = 2_000;

/**
 * @returns a function that is asked at each look, with monotonic ms, and gives for how long this process has run
 *   since the look before, in ms
 */
export function createRunningTime(): (now: number) => number {
  let lookedAt: number | undefined;
  return (now) => {
    const passed = Math.min(now - (lookedAt ?? now), LONGEST_LOOK_GAP_MS);
    lookedAt = now;
    return passed;
  };
}
