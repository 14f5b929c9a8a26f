/** The one clock of a simulator. It never goes back; `isoTime` shows its times to people. */
export type SimulatorClock = {
  /** Milliseconds, with fractions, since an origin that `isoTime(0)` tells. */
  nowMs(): number;
  isoTime(atMs: number): string;
};

/** The process's monotonic clock, as https://nodejs.org/api/perf_hooks.html#performancenow has it. */
export const processClock: SimulatorClock = {
  nowMs: () => performance.now(),
  isoTime: (atMs) => new Date(performance.timeOrigin + atMs).toISOString(),
};
