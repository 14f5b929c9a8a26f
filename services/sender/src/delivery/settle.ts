import type { Clock } from '@whatsapp-stream/service-kit';
import type { Progress } from '../admission/progress.ts';
import type { Ending } from '../journey.ts';
import type { Fact } from '../ledger/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Message } from '../message.ts';

/** Writes a status event of the message. @returns false if stopped before Kafka acknowledged it */
export type Tell = (message: Message, fact: Fact) => Promise<boolean>;

/** The ends of a message: each writes its settling event, unless somebody else has. */
export interface Settling {
  /**
   * Any end but ACCEPTED. What may have been taken cannot end as if it had not been: it is held instead, and what is
   * known by now to have been taken is accepted.
   */
  end(message: Message, progress: Progress, fact: Fact): Promise<Ending>;
  expire(message: Message, progress: Progress, attemptId: string | null): Promise<Ending>;
  accept(message: Message, fact: Omit<Fact, 'status'>): Promise<Ending>;
  /** A callback proves that the attempt was taken: its answer is not known. */
  acceptTaken(message: Message, attempt: number, attemptId: string): Promise<Ending>;
  /** Another request, or somebody else, has dealt with it: nothing is written. */
  passOver(message: Message): Promise<Ending>;
}

export function createSettling(tell: Tell, ledger: Pick<Ledger, 'standing'>, clock: Clock): Settling {
  async function write(message: Message, fact: Fact): Promise<Ending> {
    return (await tell(message, fact)) ? 'done' : 'left';
  }

  function acceptTaken(message: Message, attempt: number, attemptId: string): Promise<Ending> {
    const reason = 'a callback proves that the attempt was taken';
    return write(message, { status: 'ACCEPTED', attempt, attemptId, reason });
  }

  async function passOver({ place }: Message): Promise<Ending> {
    place.known();
    return 'done';
  }

  function end(message: Message, progress: Progress, fact: Fact): Promise<Ending> {
    // Word of an earlier attempt can have come during the call, or while the lease was waited for.
    const standing = ledger.standing(message.unit);
    // Or somebody else's own end, which was written late: one is enough, and ours would overrule it for who reads the log.
    if (standing.kind === 'settled') return passOver(message);
    if (standing.kind === 'taken') return acceptTaken(message, standing.attempt, standing.attemptId);
    if (progress.doubts === 0 || fact.status === 'IN_DOUBT') return write(message, fact);
    const reason = `${fact.reason ?? fact.status}; an earlier attempt is still in doubt`;
    return write(message, { ...fact, status: 'IN_DOUBT', reason });
  }

  return {
    end,
    expire(message, progress, attemptId) {
      const now = clock.now();
      const { expires_at: expiresAt, requested_at: requestedAt } = message.request;
      const lateMs = now - (expiresAt ?? now);
      const never = expiresAt !== null && expiresAt < requestedAt ? ', which lies before requested_at' : '';
      const reason = `${lateMs} ms after expires_at${never}`;
      return end(message, progress, { status: 'EXPIRED', attempt: progress.attempts, attemptId, reason });
    },
    accept: (message, fact) => write(message, { ...fact, status: 'ACCEPTED' }),
    acceptTaken,
    passOver,
  };
}
