import { STATUSES, type StatusEvent } from '@whatsapp-stream/schemas';

/** What the status log says about a message, as far as sending it is concerned. */
export type Standing =
  /** No attempt is known. */
  | { readonly kind: 'fresh' }
  /** Nothing more is to be done for it. */
  | { readonly kind: 'settled' }
  /** An attempt was taken, which a callback proves; nobody has settled it yet. */
  | { readonly kind: 'taken'; readonly attempt: number; readonly attemptId: string }
  /**
   * An attempt was written, and nothing tells what became of it; `attempts` is the highest number of all, `doubts`
   * how many of them are open so, `lane` that of the request that the latest of these was made for, where that is told.
   */
  | {
      readonly kind: 'doubt';
      readonly attempts: number;
      readonly attemptId: string;
      readonly lane: string | null;
      readonly doubts: number;
      readonly putOff: number;
    }
  /** All attempts were surely not taken. */
  | {
      readonly kind: 'retrying';
      readonly attempts: number;
      /** How many of them Verihubs put off: these count against the retry rule. */
      readonly putOff: number;
      /** ms since the epoch, by the clock of whoever made the attempt. */
      readonly retryAt: number;
      /** How far off that was when it was written: by the same clock, so true however wrong that went. */
      readonly delayMs: number;
    };

/** What an attempt came to. A later word of the same kind changes nothing; `taken` beats all. */
type AttemptState = 'open' | 'not-taken' | 'taken';

interface KnownAttempt {
  readonly attempt: number;
  /** By the sender's own events. */
  lane: string | null;
  state: AttemptState;
  putOff: boolean;
}

/** The fold's memory of one message; the same for every order and duplication of its events. */
export interface LedgerEntry {
  settled: boolean;
  readonly attempts: Map<string, KnownAttempt>;
  retryAt: number;
  delayMs: number;
}

export function newLedgerEntry(): LedgerEntry {
  return { settled: false, attempts: new Map(), retryAt: 0, delayMs: 0 };
}

/** By these answers Verihubs puts a message off; other attempts that were not taken say nothing of the message. */
const PUTTING_OFF: ReadonlySet<number | null> = new Set([429, 503]);

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
    setRetry(entry, event.retry_at ?? 0, Math.max(0, (event.retry_at ?? 0) - event.occurred_at));
  }
}

/** The latest one counts, and of those for the same moment the longest. */
function setRetry(entry: LedgerEntry, retryAt: number, delayMs: number): void {
  if (retryAt < entry.retryAt) return;
  entry.delayMs = retryAt > entry.retryAt ? delayMs : Math.max(entry.delayMs, delayMs);
  entry.retryAt = retryAt;
}

const RANK: Readonly<Record<AttemptState, number>> = { open: 0, 'not-taken': 1, taken: 2 };

function setAttempt(entry: LedgerEntry, event: StatusEvent, state: AttemptState): void {
  const { attempt, attempt_id: id } = event;
  if (id === null) return;
  const known = entry.attempts.get(id) ?? { attempt, lane: null, state, putOff: false };
  entry.attempts.set(id, known);
  known.lane ??= event.lane;
  if (RANK[state] > RANK[known.state]) known.state = state;
  if (state === 'not-taken' && PUTTING_OFF.has(event.http_status)) known.putOff = true;
}

export function standingOf(entry: LedgerEntry | undefined): Standing {
  if (!entry) return { kind: 'fresh' };
  if (entry.settled) return { kind: 'settled' };
  let attempts = 0;
  let doubts = 0;
  let putOff = 0;
  let open:
    | { readonly attempt: number; readonly attemptId: string; readonly lane: string | null }
    | undefined;
  for (const [attemptId, { attempt, lane, state, putOff: wasPutOff }] of entry.attempts) {
    if (state === 'taken') return { kind: 'taken', attempt, attemptId };
    if (state === 'open') {
      doubts += 1;
      if (attempt > (open?.attempt ?? 0)) open = { attempt, attemptId, lane };
    }
    if (wasPutOff) putOff += 1;
    attempts = Math.max(attempts, attempt);
  }
  if (open) {
    const { attemptId, lane } = open;
    return { kind: 'doubt', attempts, attemptId, lane, doubts, putOff };
  }
  if (attempts === 0) return { kind: 'fresh' };
  return { kind: 'retrying', attempts, putOff, retryAt: entry.retryAt, delayMs: entry.delayMs };
}
