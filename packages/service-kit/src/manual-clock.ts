import type { Clock } from './clock.ts';

/** A clock that stands still until it is moved, for tests. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`, calling what falls due in its order, and lets promises settle after each call. */
  advance(ms: number): Promise<void>;
}

/** @param startMs what both of its times start from */
export function manualClock(startMs = 0): ManualClock {
  let time = startMs;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    now: () => time,
    monotonic: () => time,
    after(ms, callback) {
      const timer = { at: time + Math.max(ms, 0), callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    async advance(ms) {
      const end = time + ms;
      await settle();
      for (;;) {
        const [due] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!due) break;
        timers = timers.filter((one) => one !== due);
        time = Math.max(time, due.at);
        due.callback();
        await settle();
      }
      time = end;
    },
  };
}
