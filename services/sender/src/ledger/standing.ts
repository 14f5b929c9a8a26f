import { STATUSES, type StatusEvent } from '@whatsapp-stream/schemas';

/** What the status log says about a message, as far as sending it is concerned. */
export type Standing =
  /** No attempt is known. */
  | { readonly kind: 'fresh' }
  /** Nothing more is to be done for it. */
  | { readonly kind: 'settled' }
  /** An attempt was taken, which a callback proves; nobody has settled it yet. */
  | { readonly kind: 'taken'; readonly attempt: number; readonly attemptId: string }
  /** An attempt was written, and nothing tells what became of it; `attempts` is the highest number of all. */
  | { readonly kind: 'doubt'; readonly attempts: number; readonly attemptId: string }
  /** All attempts were surely not taken. */
  | { readonly kind: 'retrying'; readonly attempts: number; readonly retryAt: number };

/** What an attempt came to. A later word of the same kind changes nothing; `taken` beats all. */
type AttemptState = 'open' | 'not-taken' | 'taken';

/** The fold's memory of one message; the same for every order and duplication of its events. */
export interface LedgerEntry {
  settled: boolean;
  readonly attempts: Map<string, { readonly attempt: number; state: AttemptState }>;
  retryAt: number;
}

export function newLedgerEntry(): LedgerEntry {
  return { settled: false, attempts: new Map(), retryAt: 0 };
}

/**
 * Adds an event. Attempts are known by their id, never by their number: two processes can both have made an
 * attempt 1. Unsigned callbacks prove nothing: anybody can send one.
 */
export function applyEvent(entry: LedgerEntry, event: StatusEvent): void {
  if (event.origin === 'CALLBACK') {
    if (event.verified) setAttempt(entry, event, 'taken');
    return;
  }
  if (event.origin !== 'SENDER') return;
  // A status that we do not know was written by a newer version of us, which has dealt with the message.
  if (event.status === 'UNKNOWN' || STATUSES[event.status].settling) entry.settled = true;
  else if (event.status === 'ATTEMPTED') setAttempt(entry, event, 'open');
  else if (event.status === 'RETRYING') {
    setAttempt(entry, event, 'not-taken');
    entry.retryAt = Math.max(entry.retryAt, event.retry_at ?? 0);
  }
}

const RANK: Readonly<Record<AttemptState, number>> = { open: 0, 'not-taken': 1, taken: 2 };

function setAttempt(entry: LedgerEntry, { attempt, attempt_id: id }: StatusEvent, state: AttemptState): void {
  if (id === null) return;
  const known = entry.attempts.get(id);
  if (!known) entry.attempts.set(id, { attempt, state });
  else if (RANK[state] > RANK[known.state]) known.state = state;
}

export function standingOf(entry: LedgerEntry | undefined): Standing {
  if (!entry) return { kind: 'fresh' };
  if (entry.settled) return { kind: 'settled' };
  let attempts = 0;
  let open: { readonly attempt: number; readonly attemptId: string } | undefined;
  for (const [attemptId, { attempt, state }] of entry.attempts) {
    if (state === 'taken') return { kind: 'taken', attempt, attemptId };
    if (state === 'open' && attempt > (open?.attempt ?? 0)) open = { attempt, attemptId };
    attempts = Math.max(attempts, attempt);
  }
  if (open) return { kind: 'doubt', attempts, attemptId: open.attemptId };
  return attempts > 0 ? { kind: 'retrying', attempts, retryAt: entry.retryAt } : { kind: 'fresh' };
}
