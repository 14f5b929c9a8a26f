import type { Progress } from '../admission/progress.ts';
import type { Ending } from '../journey.ts';
import type { Message } from '../message.ts';
import type { Settling } from './settle.ts';

/** `cancel`: an operator has called it back. `refuse`: the recipient is not to be called. */
export interface Objection {
  readonly kind: 'cancel' | 'refuse';
  /** For people; in the closing event. */
  readonly reason: string;
}

/** How a message ends without a call: that is a decision of the active sender alone. */
export interface Uncalled {
  /** @param attemptId of an attempt that was written and is not made; null for none */
  object(
    message: Message,
    progress: Progress,
    attemptId: string | null,
    objection: Objection,
  ): Promise<Ending>;
  expire(message: Message, progress: Progress, attemptId: string | null): Promise<Ending>;
}

/** @param surelyActive waits until this process is; false when the term ends first */
export function createUncalled(
  settling: Pick<Settling, 'end' | 'expire'>,
  surelyActive: (message: Message) => Promise<boolean>,
): Uncalled {
  return {
    async object(message, progress, attemptId, { kind, reason }) {
      if (!(await surelyActive(message))) return 'left';
      const status = kind === 'cancel' ? 'CANCELLED' : 'REFUSED';
      return settling.end(message, progress, { status, attempt: progress.attempts, attemptId, reason });
    },
    async expire(message, progress, attemptId) {
      return (await surelyActive(message)) ? settling.expire(message, progress, attemptId) : 'left';
    },
  };
}
