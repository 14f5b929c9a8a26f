import { openCase } from './case-file.ts';
import { callbacksKept } from './checks/callbacks-kept.ts';
import { commitsBehind } from './checks/commits.ts';
import { neverTooFast } from './checks/never-too-fast.ts';
import { neverTwice } from './checks/never-twice.ts';
import { nothingLost } from './checks/nothing-lost.ts';
import { oneActive } from './checks/one-active.ts';
import { redrivesAnswered } from './checks/redrives.ts';
import { settledOnce } from './checks/settled-once.ts';
import { trueEnds } from './checks/true-ends.ts';
import { endsWithCause } from './checks/with-cause.ts';
import { writtenAhead } from './checks/written-ahead.ts';
import { type Figures, figuresOf } from './figures.ts';
import type { History } from './history.ts';
import type { Violation } from './violation.ts';

export interface Verdict {
  readonly figures: Figures;
  /** None: every promise was kept. */
  readonly violations: readonly Violation[];
}

export interface Terms {
  /** The most requests that any second may hold. */
  readonly maxPerSecond: number;
  /** By how much the senders stretch that second; only for a figure. */
  readonly guardMs: number | null;
  /** How long a lane's attempt is in doubt before its message is sent again. */
  readonly graceMs: (lane: string) => number;
}

/** Whether the sender kept its promises, as the log and the simulator tell it. */
export function judge(history: History, { maxPerSecond, guardMs, graceMs }: Terms): Verdict {
  const file = openCase(history);
  return {
    figures: figuresOf(file, guardMs),
    violations: [
      ...nothingLost(file),
      ...endsWithCause(file),
      ...callbacksKept(file),
      ...neverTwice(file, graceMs),
      ...redrivesAnswered(file),
      ...writtenAhead(file),
      ...oneActive(history.arrivals),
      ...neverTooFast(history.arrivals, maxPerSecond),
      ...commitsBehind(file),
      ...settledOnce(file),
      ...trueEnds(file),
    ],
  };
}
