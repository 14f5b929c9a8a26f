import { compare } from './order.ts';
import { positionOf, settledPosition } from './status-order.ts';
import { STATUSES } from './statuses.ts';
import type { Origin, Status, StatusEvent } from './types.generated.ts';

/** What one event tells of its message. */
interface Telling {
  readonly status: Status;
  readonly attempt: number;
  readonly attemptId: string | null;
  readonly eventId: string;
  readonly origin: Origin;
  /** When the status was told, in ms since 1970. */
  readonly occurredAtMs: number;
  readonly providerCode: number | null;
  readonly httpStatus: number | null;
  readonly reason: string | null;
  readonly retryAtMs: number | null;
  /** Whether Verihubs charges for this attempt in this status; null when not known. */
  readonly charged: boolean | null;
  readonly verified: boolean;
}

/** Positions in the order of events (`positionOf`); -Infinity for what was not told. */
interface Marks {
  /** Of the event that `sessionId` is from. */
  readonly session: number;
  /** Of the highest event that settles. */
  readonly settled: number;
  /** Of the highest `RETRYING`. */
  readonly retrying: number;
}

/**
 * What is known of a message from the events of it that were seen. The fields of the telling are those of its
 * highest event: by the order of attempts and statuses, then verified before unverified, then the earlier one.
 */
export interface MessageState extends Telling {
  /** Our id of the message; null as long as only unsigned callbacks spoke of it. */
  readonly messageId: string | null;
  /** Verihubs' id, of the highest event that has one: a new attempt does not hide the last id known. */
  readonly sessionId: string | null;
  readonly lane: string | null;
  readonly source: string | null;
  readonly templateName: string | null;
  readonly recipient: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether the journey has ended; an event that overrules the last one can open it again. */
  readonly closed: boolean;
  /** Whether the sender is done with it: it told so, and told no higher `RETRYING`. */
  readonly settled: boolean;
  /** When each status was first told, in ms since 1970; only those that were. */
  readonly reachedAtMs: Readonly<Partial<Record<Status, number>>>;
  readonly firstEventAtMs: number;
  readonly lastEventAtMs: number;
  /** What merging needs to remember. */
  readonly marks: Marks;
}

/**
 * Adds an event to the state of its message. Which events belong to one message is for the caller to know.
 *
 * @returns the new state. It depends on the set of the events alone: in whichever order, however often and in
 * whichever portions they are folded, it comes out the same.
 */
export function foldEvent(state: MessageState | undefined, event: StatusEvent): MessageState {
  const told = stateOf(event);
  return state === undefined ? told : mergeStates(state, told);
}

/** @returns the state of the message that all these events speak of; undefined when there are none */
export function foldEvents(events: Iterable<StatusEvent>): MessageState | undefined {
  let state: MessageState | undefined;
  for (const event of events) state = foldEvent(state, event);
  return state;
}

/**
 * @returns the state from the events of both. Commutative, associative and idempotent, so that the parts of a log
 * can be folded apart.
 */
export function mergeStates(a: MessageState, b: MessageState): MessageState {
  const highest = isHigher(b, a) ? b : a;
  const withSession = hasHigherSession(b, a) ? b : a;
  const marks: Marks = {
    session: withSession.marks.session,
    settled: Math.max(a.marks.settled, b.marks.settled),
    retrying: Math.max(a.marks.retrying, b.marks.retrying),
  };
  return {
    ...highest,
    messageId: known(a.messageId, b.messageId),
    sessionId: withSession.sessionId,
    lane: known(a.lane, b.lane),
    source: known(a.source, b.source),
    templateName: known(a.templateName, b.templateName),
    recipient: known(a.recipient, b.recipient),
    metadata: mergeMaps(a.metadata, b.metadata),
    settled: marks.settled > marks.retrying,
    reachedAtMs: mergeMaps(a.reachedAtMs, b.reachedAtMs),
    firstEventAtMs: Math.min(a.firstEventAtMs, b.firstEventAtMs),
    lastEventAtMs: Math.max(a.lastEventAtMs, b.lastEventAtMs),
    marks,
  };
}

function stateOf(event: StatusEvent): MessageState {
  const position = positionOf(event);
  const settled = settledPosition(event);
  return {
    status: event.status,
    attempt: event.attempt,
    attemptId: event.attempt_id,
    eventId: event.event_id,
    origin: event.origin,
    occurredAtMs: event.occurred_at,
    providerCode: event.provider_code,
    httpStatus: event.http_status,
    reason: event.reason,
    retryAtMs: event.retry_at,
    charged: event.charged ?? STATUSES[event.status].charged,
    verified: event.verified,
    messageId: event.message_id,
    sessionId: event.session_id,
    lane: event.lane,
    source: event.source,
    templateName: event.template_name,
    recipient: event.recipient,
    metadata: event.metadata,
    closed: STATUSES[event.status].closing,
    settled: settled > Number.NEGATIVE_INFINITY,
    reachedAtMs: { [event.status]: event.occurred_at },
    firstEventAtMs: event.occurred_at,
    lastEventAtMs: event.occurred_at,
    marks: {
      session: event.session_id === null ? Number.NEGATIVE_INFINITY : position,
      settled,
      retrying: event.status === 'RETRYING' ? position : Number.NEGATIVE_INFINITY,
    },
  };
}

/** They order what should be equal and yet is not, such as one fact told by two versions of a program. */
const TIE_BREAKERS = [
  'eventId',
  'attemptId',
  'origin',
  'providerCode',
  'httpStatus',
  'reason',
  'retryAtMs',
  'charged',
] as const;

function isHigher(a: Telling, b: Telling): boolean {
  const [positionA, positionB] = [positionOf(a), positionOf(b)];
  if (positionA !== positionB) return positionA > positionB;
  if (a.verified !== b.verified) return a.verified;
  if (a.occurredAtMs !== b.occurredAtMs) return a.occurredAtMs < b.occurredAtMs;
  for (const field of TIE_BREAKERS) {
    const order = compare(a[field], b[field]);
    if (order !== 0) return order > 0;
  }
  return false;
}

function hasHigherSession(a: MessageState, b: MessageState): boolean {
  if (a.marks.session !== b.marks.session) return a.marks.session > b.marks.session;
  return a.sessionId !== null && b.sessionId !== null && compare(a.sessionId, b.sessionId) < 0;
}

/** The one that is not null; the smaller one of two that differ, only so that the order does not matter. */
function known(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compare(b, a) < 0 ? b : a;
}

/** The entries of both; where they differ, the smaller value. It is `a` itself when `b` adds nothing. */
function mergeMaps<V extends string | number>(
  a: Readonly<Record<string, V>>,
  b: Readonly<Record<string, V>>,
): Readonly<Record<string, V>> {
  const news = Object.entries(b).filter(([key, value]) => {
    // Keys are the publisher's: one may be called `constructor`, which every object seems to have.
    const old = Object.hasOwn(a, key) ? a[key] : undefined;
    return old === undefined || compare(value, old) < 0;
  });
  return news.length === 0 ? a : { ...a, ...Object.fromEntries(news) };
}
