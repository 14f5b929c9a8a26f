import { createRunningTime } from './running-time.ts';
import type { World } from './stalls.ts';

/**
 * Tells when what is done is not committed, although this process holds the lease: the offsets that Kafka knows stand
 * still, and whoever takes over has ever more to read and to recognise.
 */
export interface CommitJudge {
  /** A commit is made. */
  made(): void;
  /** It was acknowledged. */
  acknowledged(): void;
  /** The epoch is over: nothing of it is to be committed any more. */
  epochEnded(): void;
  /** To be called about once a second. */
  look(world: World): void;
  /** For people; empty is well. */
  problems(): readonly string[];
}

/** A commit takes some ms, and is made again each second until it is acknowledged. */
const WITHOUT_COMMIT_MS = 5 * 60_000;

export function createCommitJudge(): CommitJudge {
  const runningTime = createRunningTime();
  let isWaiting = false;
  let lateMs = 0;
  const acknowledged = () => {
    isWaiting = false;
    lateMs = 0;
  };
  return {
    made() {
      isWaiting = true;
    },
    acknowledged,
    epochEnded: acknowledged,
    look({ now, active, logStruggles }) {
      const passed = runningTime(now);
      lateMs = isWaiting && active && !logStruggles ? lateMs + passed : 0;
    },
    problems: () =>
      lateMs >= WITHOUT_COMMIT_MS
        ? ['the group takes no commit, so what is done is done again after a restart']
        : [],
  };
}
