import { openCase } from './case-file.ts';
import { commitsBehind } from './checks/commits.ts';
import { neverTooFast } from './checks/never-too-fast.ts';
import { neverTwice } from './checks/never-twice.ts';
import { nothingLost } from './checks/nothing-lost.ts';
import { redrivesAnswered } from './checks/redrives.ts';
import { settledOnce } from './checks/settled-once.ts';
import { trueEnds } from './checks/true-ends.ts';
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
}

/** Whether the sender kept its promises, as the log and the simulator tell it. */
export function judge(history: History, { maxPerSecond, guardMs }: Terms): Verdict {
  const file = openCase(history);
  return {
    figures: figuresOf(file, guardMs),
    violations: [
      ...nothingLost(file),
      ...neverTwice(file),
      ...redrivesAnswered(file),
      ...writtenAhead(file),
      ...neverTooFast(history.arrivals, maxPerSecond),
      ...commitsBehind(file),
      ...settledOnce(file),
      ...trueEnds(file),
    ],
  };
}
