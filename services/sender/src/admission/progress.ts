import type { Redrive } from '@whatsapp-stream/schemas';
import type { Standing } from '../ledger/standing.ts';
import { RETRY_RULES } from '../pacing/retry.ts';

/** How far a message has come. */
export interface Progress {
  /** Attempts made, or written. */
  readonly attempts: number;
  /** Attempts that Verihubs put off; the others do not count against the retry rule. */
  readonly putOff: number;
  /** Attempts that may have been taken; with one, the message can end as ACCEPTED or IN_DOUBT only. */
  readonly doubts: number;
}

export const NOTHING_MADE: Progress = { attempts: 0, putOff: 0, doubts: 0 };

/** Counts go on where the log left them, whoever made the attempts; a redrive brings its count along. */
export function progressOf(standing: Standing, redrive: Redrive | null): Progress {
  switch (standing.kind) {
    case 'doubt':
      return { attempts: standing.attempts, putOff: standing.putOff, doubts: standing.doubts };
    case 'retrying':
      return { attempts: standing.attempts, putOff: standing.putOff, doubts: 0 };
    case 'fresh':
    case 'settled':
    case 'taken':
      return { ...NOTHING_MADE, attempts: redrive?.attempts ?? 0 };
  }
}

/**
 * How long a retry still waits. Our clock and that of whoever made the attempt can be far apart, or have been set
 * since: never longer than was meant when it was written.
 * @param now ms since the epoch
 */
export function retryWaitMs(standing: Standing, now: number): number {
  if (standing.kind !== 'retrying') return 0;
  return Math.max(0, Math.min(standing.retryAt - now, standing.delayMs));
}

/** No back-off of ours is longer: what a redrive asks for beyond it is a clock that is wrong, or nonsense. */
const LONGEST_REDRIVE_WAIT_MS = RETRY_RULES.rejected.maxMs;

/** How long a message that comes in waits before its next attempt. */
export function firstWaitMs(standing: Standing, redrive: Redrive | null, now: number): number {
  if (standing.kind === 'retrying') return retryWaitMs(standing, now);
  const notBefore = redrive?.notBeforeMs ?? now;
  return Math.max(0, Math.min(notBefore - now, LONGEST_REDRIVE_WAIT_MS));
}
