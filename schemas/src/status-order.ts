import { STATUSES } from './statuses.ts';
import { STATUS_SYMBOLS, type Status, type StatusEvent } from './types.generated.ts';

const failuresByCode: readonly Status[] = STATUS_SYMBOLS.filter(
  (status) => STATUSES[status].origin === 'CALLBACK' && STATUSES[status].charged === false,
).toSorted((a, b) => (STATUSES[a].code ?? 0) - (STATUSES[b].code ?? 0));

/** The statuses as they overrule each other within one attempt, the weakest first. */
export const STATUS_ORDER: readonly Status[] = [
  'ATTEMPTED',
  'UNKNOWN',
  'IN_DOUBT',
  'ACCEPTED',
  'REQUESTED',
  'SENT',
  ...failuresByCode,
  'RETRYING',
  'GAVE_UP',
  'CANCELLED',
  'EXPIRED',
  'REFUSED',
  'DELIVERED',
  'READ',
];

const rankOf: ReadonlyMap<Status, number> = new Map(STATUS_ORDER.map((status, rank) => [status, rank]));

/** More than there are ranks, so that a higher attempt is always higher. */
const ATTEMPT_STEP = 64;
/** Above every attempt (an Avro int), and far below where numbers lose their last digit. */
const ABOVE_ATTEMPTS = 2 ** 40;

/**
 * @returns a number that is larger the more an event overrules others: `READ`, then `DELIVERED`, beat everything;
 * else the higher attempt; within it the higher status. Equal numbers mean equal status and attempt.
 */
export function positionOf(event: Pick<StatusEvent, 'status' | 'attempt'>): number {
  const { status, attempt } = event;
  if (status === 'READ') return 2 * ABOVE_ATTEMPTS + attempt;
  if (status === 'DELIVERED') return ABOVE_ATTEMPTS + attempt;
  return attempt * ATTEMPT_STEP + (rankOf.get(status) ?? 0);
}

/**
 * @returns up to which position an event makes the message settled; -Infinity when it does not. A status of the
 * sender that we do not know is of a newer version of it: for sending it counts as settled, above all that is
 * told of its attempt, because what is sent once too often cannot be called back.
 */
export function settledPosition(event: Pick<StatusEvent, 'status' | 'attempt' | 'origin'>): number {
  if (event.status === 'UNKNOWN' && event.origin === 'SENDER') return (event.attempt + 1) * ATTEMPT_STEP - 1;
  return STATUSES[event.status].settling ? positionOf(event) : Number.NEGATIVE_INFINITY;
}
