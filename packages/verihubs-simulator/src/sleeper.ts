/** Waits that can all be ended together. */
export type Sleeper = {
  /** Resolves to true after `ms`, or to false as soon as the sleeper is woken. */
  sleep(ms: number): Promise<boolean>;
  /** Ends all waits. */
  wakeAll(): void;
};

export function createSleeper(): Sleeper {
  const wakes = new Set<() => void>();
  return {
    sleep: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          wakes.delete(wake);
          resolve(true);
        }, ms);
        const wake = (): void => {
          clearTimeout(timer);
          resolve(false);
        };
        wakes.add(wake);
      }),
    wakeAll() {
      for (const wake of wakes) wake();
      wakes.clear();
    },
  };
}
