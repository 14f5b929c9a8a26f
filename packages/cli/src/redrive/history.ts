import type { Headers, KafkaRecord, RecordPosition } from '@whatsapp-stream/kafka';
import {
  foldTaking,
  NO_TAKINGS,
  positionOf,
  REDRIVE_OF_HEADER,
  STATUSES,
  type Status,
  type StatusEvent,
  stillTaken,
  type Takings,
} from '@whatsapp-stream/schemas';

/** A message that has ended by one of the chosen statuses, and nothing overrules that. */
export interface Ended {
  readonly messageId: string;
  /** The `event_id` of the closing event. */
  readonly of: string;
  /** ms since the epoch. */
  readonly endedAt: number;
  /** The highest attempt that is told of. */
  readonly attempts: number;
  /** Where its request stands; null where no event of the sender tells. */
  readonly place: RecordPosition | null;
}

/** What speaks against sending a message once more. */
export type Objection =
  /** It stands as taken. */
  | 'taken'
  /** An event of it cannot be read, and nobody knows what it says. */
  | 'unreadable';

/**
 * What the status log says of messages, as far as redriving them is concerned: the same for every order and
 * duplication of its events. Made to hold millions: a message that arrived costs no more than its id.
 */
export interface History {
  add(event: StatusEvent, record: Pick<KafkaRecord, 'headers'>): void;
  /** A record of the log that cannot be read. */
  addUnreadable(record: Pick<KafkaRecord, 'key' | 'headers'>): void;
  /** Messages that ended by a chosen status. */
  ended(): Iterable<Ended>;
  objection(messageId: string): Objection | null;
  /** Whether the sender is done with it, or was. */
  isSettled(messageId: string): boolean;
  /** What redrives that the sender has dealt with answer: the values of their `redrive_of`. */
  readonly redriven: ReadonlySet<string>;
}

export interface HistoryOptions {
  /** By which a message must have ended to be among `ended`. */
  readonly statuses: ReadonlySet<Status>;
  /** Of others nothing is remembered. */
  readonly isWanted: (messageId: string) => boolean;
  /** Whether the message that an event of the sender speaks of may be meant; once not, its other events do not matter. */
  readonly mayBeMeant: (event: StatusEvent) => boolean;
}

/** The highest of the closing events by a chosen status. */
interface Closing {
  readonly position: number;
  readonly eventId: string;
  readonly at: number;
}

interface Entry {
  /** Of its highest event. */
  position: number;
  closing: Closing | null;
  takings: Takings;
  attempts: number;
  place: RecordPosition | null;
  settled: boolean;
  unreadable: boolean;
  /** Verihubs' ids of attempts that failed: an unsigned callback, which names no message, may tell otherwise. */
  failedSessions: readonly string[];
}

/** In the place of what is remembered of a message: nothing more that is told of it matters. */
type Done = 'arrived' | 'not-meant';
const NONE: readonly string[] = Object.freeze([]);

export function createHistory({ statuses, isWanted, mayBeMeant }: HistoryOptions): History {
  const messages = new Map<string, Entry | Done>();
  const redriven = new Set<string>();
  const arrivedSessions = new Set<string>();
  const topics = new Map<string, string>();

  function entryOf(id: string): Entry | Done {
    const known = messages.get(id);
    if (known !== undefined) return known;
    const entry = newEntry();
    messages.set(id, entry);
    return entry;
  }

  function noteRedrive({ headers }: Pick<KafkaRecord, 'headers'>): void {
    const of = headers[REDRIVE_OF_HEADER];
    if (of !== undefined) redriven.add(of);
  }

  /** A topic's name is kept once, not once for each message. */
  function placeIn(headers: Headers): RecordPosition | null {
    const { send_topic: name, send_partition: partition, send_offset: offset } = headers;
    if (name === undefined || partition === undefined || offset === undefined) return null;
    const topic = topics.get(name) ?? name;
    topics.set(topic, topic);
    const place = { topic, partition: Number(partition), offset: Number(offset) };
    return Number.isSafeInteger(place.partition) && Number.isSafeInteger(place.offset) ? place : null;
  }

  function objectionTo(entry: Entry | Done | undefined): Objection | null {
    if (entry === undefined || entry === 'not-meant') return null;
    if (entry === 'arrived' || stillTaken(entry.takings)) return 'taken';
    if (entry.failedSessions.some((session) => arrivedSessions.has(session))) return 'taken';
    return entry.unreadable ? 'unreadable' : null;
  }

  return {
    redriven,
    add(event, record) {
      noteRedrive(record);
      const { message_id: id, session_id: session } = event;
      if (id === null) {
        if (session !== null && hasArrived(event)) arrivedSessions.add(session);
        return;
      }
      if (!isWanted(id)) return;
      const entry = entryOf(id);
      if (typeof entry === 'string') return;
      if (hasArrived(event)) messages.set(id, 'arrived');
      else if (!mayBeMeant(event)) messages.set(id, 'not-meant');
      else apply(entry, event, placeIn(record.headers), statuses);
    },
    addUnreadable(record) {
      noteRedrive(record);
      const id = record.key?.toString();
      if (id === undefined || !isWanted(id)) return;
      const entry = entryOf(id);
      if (typeof entry !== 'string') entry.unreadable = true;
    },
    *ended() {
      for (const [messageId, entry] of messages) {
        if (typeof entry === 'string') continue;
        const { closing, attempts, place } = entry;
        if (closing === null || closing.position !== entry.position) continue;
        yield { messageId, of: closing.eventId, endedAt: closing.at, attempts, place };
      }
    },
    objection: (messageId) => objectionTo(messages.get(messageId)),
    isSettled(messageId) {
      const entry = messages.get(messageId);
      return typeof entry === 'object' ? entry.settled : entry === 'arrived';
    },
  };
}

function newEntry(): Entry {
  return {
    position: Number.NEGATIVE_INFINITY,
    closing: null,
    takings: NO_TAKINGS,
    attempts: 0,
    place: null,
    settled: false,
    unreadable: false,
    failedSessions: NONE,
  };
}

function hasArrived({ status }: StatusEvent): boolean {
  return status === 'DELIVERED' || status === 'READ';
}

function apply(
  entry: Entry,
  event: StatusEvent,
  place: RecordPosition | null,
  statuses: ReadonlySet<Status>,
): void {
  const { status, session_id: session } = event;
  const position = positionOf(event);
  entry.position = Math.max(entry.position, position);
  if (statuses.has(status)) {
    const closing = { position, eventId: event.event_id, at: event.occurred_at };
    if (entry.closing === null || overrules(closing, entry.closing)) entry.closing = closing;
  }
  entry.takings = foldTaking(entry.takings, event);
  entry.attempts = Math.max(entry.attempts, event.attempt);
  if (place !== null && isLater(place, entry.place)) entry.place = place;
  // A status of the sender that we do not know is of a newer version of it, which has dealt with the message.
  if (STATUSES[status].settling || (status === 'UNKNOWN' && event.origin === 'SENDER')) entry.settled = true;
  if (event.origin === 'CALLBACK' && STATUSES[status].closing && session !== null) {
    if (!entry.failedSessions.includes(session)) entry.failedSessions = [...entry.failedSessions, session];
  }
}

/** As the fold of a message's state has it: of one fact that was told twice, the earlier telling counts. */
function overrules(a: Closing, b: Closing): boolean {
  if (a.position !== b.position) return a.position > b.position;
  return a.at !== b.at ? a.at < b.at : a.eventId < b.eventId;
}

/** A request and its redrives hold the same bytes: those that were written last are kept the longest. */
function isLater(a: RecordPosition, b: RecordPosition | null): boolean {
  if (b === null) return true;
  if (a.topic !== b.topic) return a.topic > b.topic;
  return a.partition !== b.partition ? a.partition > b.partition : a.offset > b.offset;
}
