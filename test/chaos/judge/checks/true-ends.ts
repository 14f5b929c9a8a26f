import {
  type Attempt,
  type CaseFile,
  inLogOrder,
  type Message,
  type Settling,
  wasTaken,
} from '../case-file.ts';
import type { LoggedEvent } from '../history.ts';
import { shown, type Violation } from '../violation.ts';

/** What the sender tells of an attempt agrees with what the simulator did with it. */
export function trueEnds(file: CaseFile): readonly Violation[] {
  return file.messages.flatMap((message) => [
    ...message.settlings.flatMap((settling) => wrongEnd(message, settling)),
    ...message.attempts.filter(isRetryingYetTaken).map(({ attemptId }): Violation => {
      return { kind: 'RETRYING_YET_TAKEN', text: `${shown(message.id)}: attempt ${attemptId}` };
    }),
  ]);
}

const tellsTaken = ({ event: { status } }: Settling): boolean =>
  status === 'ACCEPTED' || status === 'IN_DOUBT';

function isRetryingYetTaken(attempt: Attempt): boolean {
  return (
    wasTaken(attempt) &&
    attempt.outcomes.some((event) => event.status === 'RETRYING' && !answersRejection(attempt, event))
  );
}

/** A callback that rejects what was taken is answered by a redrive, and word of it. */
function answersRejection({ proofs }: Attempt, retrying: LoggedEvent): boolean {
  return proofs.some((proof) => proof.status === 'REJECTED' && inLogOrder(proof, retrying) < 0);
}

function wrongEnd(message: Message, settling: Settling): readonly Violation[] {
  const { event } = settling;
  const own = message.attempts.find(({ attemptId }) => attemptId === event.attemptId);
  if (event.status === 'ACCEPTED') {
    if (own && wasTaken(own)) return [];
    const text = `${shown(message.id)}: attempt ${event.attemptId ?? 'none'}`;
    return [{ kind: 'ACCEPTED_NOT_TAKEN', text }];
  }
  if (event.status === 'IN_DOUBT') return [];
  return message.attempts
    .filter((attempt) => attempt.redriveOf === settling.redriveOf && wasTaken(attempt))
    .filter((taken) => !isLateWord(message, own, taken))
    .slice(0, 1)
    .map(({ attemptId }) => {
      const text = `${shown(message.id)} ended as ${event.status}, and attempt ${attemptId} was taken`;
      return { kind: 'WRONG_END', text };
    });
}

/**
 * Whether an end is the late word of a replica that lost its turn: it is true of its own attempt, and the message was
 * taken by a later one of another replica, which outranks it.
 */
function isLateWord(message: Message, own: Attempt | undefined, taken: Attempt): boolean {
  if (!own?.attempted || !taken.attempted || own.maker === taken.maker) return false;
  const isLater = inLogOrder(own.attempted, taken.attempted) < 0 && own.attempt < taken.attempt;
  return isLater && message.settlings.some(tellsTaken);
}
