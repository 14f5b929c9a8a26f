/** Questions to the brokers that nobody waits for. */
export interface Background {
  /** Runs work that does not throw. */
  run(work: () => Promise<unknown>): void;
  /** Closes what the work uses, now, and again when the work under way has ended. */
  closeAfter(close: () => Promise<void>): Promise<void>;
}

/**
 * A kafkajs admin client that is used while it is being closed connects again, and then stays connected: the
 * process would never end by itself. To wait for its answers instead would take long when no broker answers.
 */
export function createBackground(): Background {
  const underWay = new Set<Promise<unknown>>();
  return {
    run(work) {
      const running = work().finally(() => underWay.delete(running));
      underWay.add(running);
    },
    async closeAfter(close) {
      if (underWay.size > 0) void Promise.allSettled(underWay).then(close);
      await close();
    },
  };
}
