import type { NewRecord } from '@whatsapp-stream/kafka';
import { redriveHeaders, redriveUnit, type Status, type StatusEvent } from '@whatsapp-stream/schemas';
import type { Clock } from '@whatsapp-stream/service-kit';
import type { Fact } from '../ledger/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isExpired } from '../message.ts';
import { retry } from '../pacing/retry.ts';
import type { Original, Originals } from './originals.ts';

/**
 * Answers callbacks that say that an accepted message will not arrive, and that are worth another attempt. Once
 * accepted, a message is anchored to no offset any more: so its original is appended to its lane, which is durable.
 */
export interface Redriver {
  /** A verified callback was read from the log and learnt. @param unit what it speaks of */
  heard(callback: StatusEvent, unit: string): void;
}

export interface RedriverOptions {
  readonly originals: Pick<Originals, 'of' | 'forget'>;
  /** The callbacks that are answered so. */
  readonly statuses: ReadonlySet<Status>;
  /** Whether this process is surely the active sender. */
  readonly isActive: () => boolean;
  readonly ledger: Pick<Ledger, 'mayBeTaken' | 'failures'>;
  /** Whether an operator has called the message back: that holds for what comes of it, too. */
  readonly isCalledBack: (original: Original) => boolean;
  /** @returns false if stopped before it was acknowledged */
  readonly append: (record: NewRecord) => Promise<boolean>;
  /** Writes a status event. @returns false if stopped before it was acknowledged */
  readonly tell: (original: Original, fact: Fact) => Promise<boolean>;
  readonly onDecided: (lane: string, decision: RedriveDecision) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

export type RedriveDecision = 'appended' | 'cancelled' | 'exhausted' | 'expired' | 'taken';

export function createRedriver(options: RedriverOptions): Redriver {
  const { originals, statuses, isActive, ledger, append, tell, onDecided, clock, random } = options;

  /** @returns how long the new attempt waits, or why there is none */
  function decide(original: Original, callback: StatusEvent): number | Exclude<RedriveDecision, 'appended'> {
    const { request, lane } = original;
    const { message_id: id } = request;
    if (ledger.mayBeTaken(id, redriveUnit(id, callback.event_id))) return 'taken';
    if (options.isCalledBack(original)) return 'cancelled';
    if (isExpired(request, clock.now())) return 'expired';
    const failed = { cause: 'rejected', lane, attempt: ledger.failures(id), retryAfterMs: null } as const;
    const decision = retry(failed, random());
    return decision.kind === 'again' ? decision.afterMs : 'exhausted';
  }

  /** First the redrive, then word of it: without the word the message is sent all the same, the other way round it is lost. */
  async function redrive(original: Original, callback: StatusEvent, waitMs: number): Promise<void> {
    const { record } = original;
    const retryAt = clock.now() + waitMs;
    const headers = redriveHeaders({
      of: callback.event_id,
      attempts: callback.attempt,
      notBeforeMs: retryAt,
    });
    const again = { topic: record.topic, key: record.key, value: record.value };
    if (!(await append({ ...again, headers: { ...record.headers, ...headers } }))) return;
    onDecided(original.lane, 'appended');
    await tell(original, {
      status: 'RETRYING',
      attempt: callback.attempt,
      attemptId: callback.attempt_id,
      retryAt,
      reason: `a callback with status ${callback.provider_code} (${callback.status}): appended to its lane again`,
    });
  }

  return {
    heard(callback, unit) {
      if (!statuses.has(callback.status) || !isActive()) return;
      const original = originals.of(unit);
      if (!original) return;
      const decision = decide(original, callback);
      // Of callbacks that come twice, the first one counts. What stands as taken can still fail.
      if (decision !== 'taken') originals.forget(unit);
      if (typeof decision === 'number') void redrive(original, callback, decision);
      else onDecided(original.lane, decision);
    },
  };
}
