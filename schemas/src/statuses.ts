import { type Origin, STATUS_SYMBOLS, type Status } from './types.generated.ts';

/** What is always true of a status. */
export interface StatusFacts {
  /** Who tells it. `UNKNOWN` is told by callbacks; from the sender it is a symbol of a newer version of it. */
  readonly origin: Exclude<Origin, 'UNKNOWN'>;
  /** Verihubs' number in a callback; null when it has none. */
  readonly code: number | null;
  /** Whether Verihubs charges for a message in this status; null when it cannot be said. */
  readonly charged: boolean | null;
  /** Whether the journey is closed by it, as long as nothing that outranks it is told. */
  readonly closing: boolean;
  /** Whether the sender is done with the message. */
  readonly settling: boolean;
}

function bySender(closing: boolean, settling: boolean, charged: boolean | null): StatusFacts {
  return { origin: 'SENDER', code: null, charged, closing, settling };
}

function byCallback(code: number | null, charged: boolean | null, closing: boolean): StatusFacts {
  return { origin: 'CALLBACK', code, charged, closing, settling: false };
}

/**
 * Every status and what is true of it. The codes and which of them are charged are Verihubs'
 * (its documentation of the WhatsApp callback's `status`).
 */
export const STATUSES: Readonly<Record<Status, StatusFacts>> = {
  ATTEMPTED: bySender(false, false, null),
  ACCEPTED: bySender(false, true, null),
  RETRYING: bySender(false, false, null),
  IN_DOUBT: bySender(true, true, null),
  REFUSED: bySender(true, true, false),
  EXPIRED: bySender(true, true, false),
  CANCELLED: bySender(true, true, false),
  GAVE_UP: bySender(true, true, false),
  REQUESTED: byCallback(0, true, false),
  SENT: byCallback(1, true, false),
  DELIVERED: byCallback(2, true, true),
  READ: byCallback(3, true, true),
  FAILED: byCallback(6, false, true),
  REQUEST_ERROR: byCallback(7, false, true),
  REJECTED: byCallback(8, false, true),
  BLOCKED: byCallback(9, false, true),
  TIER_LIMIT_EXCEEDED: byCallback(10, false, true),
  INVALID_DATA: byCallback(11, false, true),
  UNKNOWN: byCallback(null, null, false),
};

const statusByCode: ReadonlyMap<number, Status> = new Map(
  STATUS_SYMBOLS.flatMap((status): [number, Status][] => {
    const { code } = STATUSES[status];
    return code === null ? [] : [[code, status]];
  }),
);

/** @returns the status that a callback means by this number; `UNKNOWN` for a number that we have no name for */
export function statusOfCode(code: number | null): Status {
  return (code === null ? undefined : statusByCode.get(code)) ?? 'UNKNOWN';
}
