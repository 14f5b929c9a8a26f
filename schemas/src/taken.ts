import type { Status, StatusEvent } from './types.generated.ts';

/**
 * What is told of a message that decides whether it may be sent once more. Attempts are known by their ids, never by
 * their numbers: two processes can both have made an attempt 1.
 */
export interface Takings {
  /** It has reached its recipient: nothing that is told later takes that back. */
  readonly reached: boolean;
  /** Attempts that were taken, and of which nothing tells that they failed. */
  readonly standing: readonly string[];
  /** Attempts of which a callback told that they failed. */
  readonly failed: readonly string[];
}

/** Of a message of which nothing is told. */
export const NO_TAKINGS: Takings = Object.freeze({ reached: false, standing: [], failed: [] });
/** Of a message that has reached its recipient: the rest does not matter any more. */
const REACHED: Takings = Object.freeze({ reached: true, standing: [], failed: [] });

type Word = 'reached' | 'taken' | 'failed';

/** What an event says of its attempt; those that are left out prove neither. */
const WORDS: Readonly<Partial<Record<Status, Word>>> = {
  DELIVERED: 'reached',
  READ: 'reached',
  ACCEPTED: 'taken',
  REQUESTED: 'taken',
  SENT: 'taken',
  // A code without a name here, or a status of a newer version of us: it may well mean that it was taken.
  UNKNOWN: 'taken',
  FAILED: 'failed',
  REQUEST_ERROR: 'failed',
  REJECTED: 'failed',
  BLOCKED: 'failed',
  TIER_LIMIT_EXCEEDED: 'failed',
  INVALID_DATA: 'failed',
};

/** Whether the status is a callback's word that the attempt has failed. */
export const tellsFailure = (status: Status): boolean => WORDS[status] === 'failed';

/** An attempt that was taken and is not named: no failure can be told of it. */
const UNNAMED = '';

/**
 * Adds an event to what is told of its message. What `stillTaken` makes of it depends on the set of the events alone:
 * neither order nor duplicates change it.
 *
 * An unsigned callback proves nothing, since anybody can send one. So it counts only where it keeps a message from
 * being sent: a false one then costs a message that is not sent again, which a person can still put right; a false
 * failure that was believed would send a message twice, which nobody can.
 */
export function foldTaking(takings: Takings, event: StatusEvent): Takings {
  if (takings.reached) return takings;
  const { status, attempt_id: id, verified } = event;
  switch (WORDS[status]) {
    case 'reached':
      return REACHED;
    case 'taken':
      return withTaken(takings, id ?? UNNAMED);
    case 'failed':
      return verified && id !== null ? withFailed(takings, id) : takings;
    default:
      return takings;
  }
}

function withTaken(takings: Takings, id: string): Takings {
  if (takings.standing.includes(id) || takings.failed.includes(id)) return takings;
  return { ...takings, standing: [...takings.standing, id] };
}

function withFailed(takings: Takings, id: string): Takings {
  if (takings.failed.includes(id)) return takings;
  const standing = takings.standing.filter((taken) => taken !== id);
  return { ...takings, standing, failed: [...takings.failed, id] };
}

/** Whether the message stands as taken: it has reached its recipient, or an attempt was taken and did not fail. */
export function stillTaken({ reached, standing }: Takings): boolean {
  return reached || standing.length > 0;
}

/** Whether the message that all these events speak of stands as taken, and so is not to be sent again. */
export function isTaken(events: Iterable<StatusEvent>): boolean {
  let takings = NO_TAKINGS;
  for (const event of events) takings = foldTaking(takings, event);
  return stillTaken(takings);
}
