import { createRunningTime } from './running-time.ts';
import type { World } from './stalls.ts';

/** Tells when a term does not begin because the status log is not read, although this process holds the lease. */
export interface TakeOverJudge {
  /**
   * To be called about once a second.
   * @param position rises while the log is read; null while no term waits for it
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
    look({ now, active, kafkaStruggles }, position) {
      const passed = runningTime(now);
      const waits = position !== null && position === seen && active && !kafkaStruggles;
      seen = position;
      lateMs = waits ? lateMs + passed : 0;
    },
    problems: () =>
      lateMs >= WITHOUT_PROGRESS_MS
        ? ['the status log is not read on, and nothing is sent before it is read to its end']
        : [],
  };
}
