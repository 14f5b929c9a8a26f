import { createRunningTime } from './running-time.ts';
import type { World } from './stalls.ts';

/** Tells when a term does not begin because the logs it needs are not read, although this process holds the lease. */
export interface TakeOverJudge {
  /**
   * To be called about once a second.
   * @param position rises while the status log is read; null while no term waits to begin
   */
  look(world: World, position: number | null): void;
  /** For people; empty is well. */
  problems(): readonly string[];
}

/** A question to Kafka is answered, or given up and asked again, in much less. */
const WITHOUT_PROGRESS_MS = 5 * 60_000;

export function createTakeOverJudge(): TakeOverJudge {
  const runningTime = createRunningTime();
  let seen: number | null = null;
  let lateMs = 0;
  return {
    look({ now, active, logStruggles }, position) {
      const passed = runningTime(now);
      const waits = position !== null && position === seen && active && !logStruggles;
      seen = position;
      lateMs = waits ? lateMs + passed : 0;
    },
    problems: () =>
      lateMs >= WITHOUT_PROGRESS_MS
        ? ['the status log is not read on, and nothing is sent before it is read to its end']
        : [],
  };
}
