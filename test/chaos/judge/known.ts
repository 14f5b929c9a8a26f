import type { CaseFile } from './case-file.ts';
import type { LoggedEvent } from './history.ts';

/**
 * Of the clocks of two programs on one machine, or of what happens at the same moment: times so near to each other
 * prove no order.
 */
export const CLOCK_SLACK_MS = 50;

/**
 * A new active sender has read the log to its end before its first attempt, by about a window of the limit at most.
 * What a replica that lost its turn wrote within that time may have come after the reading.
 */
const TAKEN_OVER_WITHIN_MS = 2_000;

/**
 * What others write is read at once, but for a process that is stopped for a while, or a broker that goes away: a
 * process that hears nothing for longer is not the active one any more.
 */
const READ_WITHIN_MS = 10_000;

/** Whether a process must have known an event of others when it took over as the active sender. */
export function knownAtTakeOver(file: CaseFile, maker: string, event: LoggedEvent): boolean {
  const { firstAtMs } = file.makers.get(maker) ?? { firstAtMs: Number.NEGATIVE_INFINITY };
  return event.appendedAtMs + TAKEN_OVER_WITHIN_MS < firstAtMs;
}

/** Whether a process must have known an event of others at a moment. */
export function mustBeKnown(file: CaseFile, maker: string, event: LoggedEvent, atMs: number): boolean {
  return event.appendedAtMs + READ_WITHIN_MS < atMs || knownAtTakeOver(file, maker, event);
}
