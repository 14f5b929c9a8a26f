import type { Progress } from '../admission/progress.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Message } from '../message.ts';

/** Whether what was decided of a message still holds, by what the ledger knows at this moment. */
export interface StillOurs {
  /** Whether our attempt, which is written, is the only one that nothing is known of, but for doubts that are resolved. */
  isOurs(message: Message, progress: Progress): boolean;
  /** Whether the message is a redrive of one that was taken after all, or is under way in another way. */
  redriveIsInVain(message: Message): boolean;
}

export function createStillOurs(ledger: Pick<Ledger, 'standing' | 'mayBeTaken'>): StillOurs {
  const redriveIsInVain = ({ redrive, request, unit }: Message) =>
    redrive !== null && ledger.mayBeTaken(request.message_id, unit);
  return {
    redriveIsInVain,
    isOurs(message, { doubts }) {
      const standing = ledger.standing(message.unit);
      return standing.kind === 'doubt' && standing.doubts <= doubts + 1 && !redriveIsInVain(message);
    },
  };
}
