/** Time as a dependency: what decides takes `now`, what waits takes a `Clock`. */
export interface Clock {
  /** Wall-clock time, in ms since the epoch. May jump; for time stamps and expiry only. */
  now(): number;
  /** Monotonic time in ms with fractions, from an arbitrary start. For pacing and time-outs. */
  monotonic(): number;
  /** Calls `callback` once, `ms` from now. @returns what takes the call back */
  after(ms: number, callback: () => void): () => void;
}

/** `setTimeout` takes a longer wait for 1 ms; a wait that was cut short is for the caller to notice. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when `signal` is aborted. Never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = () => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.after(ms, wake);
    signal?.addEventListener('abort', wake);
  });
}
