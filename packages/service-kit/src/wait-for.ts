import { type Clock, sleep } from './clock.ts';

export interface WaitForOptions {
  /** What is waited for, for people: "Kafka at 127.0.0.1:9092". */
  readonly what: string;
  /** Called again until it resolves. */
  readonly attempt: () => Promise<void>;
  readonly report: (line: string) => void;
  readonly clock: Clock;
  /** Aborted: gives up at once. */
  readonly signal: AbortSignal;
  /** Pause between attempts. */
  readonly intervalMs?: number;
  /** Pause between lines about the same trouble. */
  readonly reportEveryMs?: number;
}

/**
 * Waits until a dependency answers, and says so every few seconds: a service that starts before its broker
 * waits instead of crashing over and over.
 * @returns false when `signal` was aborted first
 */
export async function waitFor(options: WaitForOptions): Promise<boolean> {
  const { what, attempt, report, clock, signal, intervalMs = 500, reportEveryMs = 5_000 } = options;
  const start = clock.monotonic();
  let lastReport = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      await attempt();
      if (lastReport > Number.NEGATIVE_INFINITY) report(`${what} answers`);
      return true;
    } catch (error) {
      const now = clock.monotonic();
      if (now - lastReport >= reportEveryMs) {
        const waited = Math.round((now - start) / 1_000);
        const why = error instanceof Error ? error.message : String(error);
        report(`waiting for ${what}${waited > 0 ? ` (${waited} s)` : ''}: ${why}`);
        lastReport = now;
      }
    }
    await sleep(clock, intervalMs, signal);
  }
  return false;
}
