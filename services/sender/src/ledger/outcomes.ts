import { STATUSES, type StatusEvent, tellsFailure } from '@whatsapp-stream/schemas';
import type { LedgerEntry } from './standing.ts';

/**
 * What became of messages that may be sent once more after they were settled: by a redrive. Only they are remembered
 * here, from the first event that makes a redrive thinkable; the others were taken, and stay so. The same for every
 * order and duplication of events.
 */
export interface Outcomes {
  /** @param entry what the ledger knows of the unit without the event, where it knows anything */
  note(event: StatusEvent, unit: string, entry?: LedgerEntry): void;
  /** How many attempts of a message callbacks have told to have failed. */
  failures(messageId: string): number;
  /**
   * Whether an attempt was taken and did not fail since, or one of another unit is under way.
   * @returns null where nothing is remembered
   */
  mayBeTaken(messageId: string, unit: string): boolean | null;
}

type State = 'open' | 'not-taken' | 'accepted' | 'failed';
const RANK: Readonly<Record<State, number>> = { open: 0, 'not-taken': 1, accepted: 2, failed: 3 };

/** Most have an end and no more: lists cost nothing while they are empty. */
interface Message {
  delivered: boolean;
  attempts: readonly Attempt[];
  /** Their attempts that are still open are given up: whoever redrives them has chosen to. */
  settledUnits: readonly string[];
}

interface Attempt {
  readonly id: string;
  readonly unit: string;
  state: State;
}

const NONE: readonly never[] = [];

/** Some 150 bytes each. The oldest is forgotten first, and then counts as taken: it is sent once too little. */
const MAX_MESSAGES = 200_000;

export function createOutcomes(maxMessages: number = MAX_MESSAGES): Outcomes {
  const messages = new Map<string, Message>();

  function begin(id: string, unit: string, entry: LedgerEntry | undefined): Message {
    const attempts = [...(entry?.attempts ?? NONE)].map(([attemptId, { state }]) => ({
      ...{ id: attemptId, unit },
      state: state === 'taken' ? ('accepted' as const) : state,
    }));
    const message: Message = { delivered: false, attempts, settledUnits: NONE };
    messages.set(id, message);
    const [oldest] = messages.keys();
    if (messages.size > maxMessages && oldest !== undefined) messages.delete(oldest);
    return message;
  }

  return {
    failures: (messageId) =>
      messages.get(messageId)?.attempts.filter(({ state }) => state === 'failed').length ?? 0,
    note(event, unit, entry) {
      const { message_id: id, attempt_id: attemptId, status } = event;
      if (id === null || (event.origin === 'CALLBACK' && !event.verified)) return;
      const message =
        messages.get(id) ?? (isWorthRemembering(event, unit, entry) ? begin(id, unit, entry) : null);
      if (!message) return;
      if (status === 'DELIVERED' || status === 'READ') message.delivered = true;
      if (STATUSES[status].settling && !message.settledUnits.includes(unit))
        message.settledUnits = [...message.settledUnits, unit];
      const state = stateAfter(event);
      if (attemptId === null || state === null) return;
      const known = message.attempts.find(({ id: knownId }) => knownId === attemptId);
      if (!known) message.attempts = [...message.attempts, { id: attemptId, unit, state }];
      else if (RANK[state] > RANK[known.state]) known.state = state;
    },
    mayBeTaken(messageId, unit) {
      const message = messages.get(messageId);
      if (!message) return null;
      if (message.delivered) return true;
      return message.attempts.some(
        (attempt) =>
          attempt.state === 'accepted' ||
          (attempt.state === 'open' && attempt.unit !== unit && !message.settledUnits.includes(attempt.unit)),
      );
    },
  };
}

/**
 * A redrive, an end without having been taken, word of a failure; and a second attempt while the first may have been
 * taken: what comes of either must be known when the other one fails.
 */
function isWorthRemembering(event: StatusEvent, unit: string, entry: LedgerEntry | undefined): boolean {
  const isSecond = () =>
    [...(entry?.attempts ?? NONE)].some(
      ([id, { state }]) => id !== event.attempt_id && state !== 'not-taken',
    );
  return (
    unit !== event.message_id ||
    (STATUSES[event.status].closing && stateAfter(event) !== 'accepted') ||
    (event.status === 'ATTEMPTED' && isSecond())
  );
}

/** @returns null where the event says nothing of the attempt */
function stateAfter({ origin, status }: StatusEvent): State | null {
  if (origin === 'CALLBACK') return tellsFailure(status) ? 'failed' : 'accepted';
  switch (status) {
    case 'ATTEMPTED':
      return 'open';
    case 'RETRYING':
      return 'not-taken';
    case 'ACCEPTED':
      return 'accepted';
    default:
      return null;
  }
}
