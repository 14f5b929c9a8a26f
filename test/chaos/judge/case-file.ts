import { laneOf, STATUSES } from '@whatsapp-stream/schemas';
import { makerOf } from '../../support/calls.ts';
import type { Arrival, DeadLetter, History, LoggedEvent, RecordAt, SendRecord } from './history.ts';

/** A history, sorted by what it speaks of. */
export interface CaseFile {
  readonly history: History;
  readonly messages: readonly Message[];
  /** By `event_id`, the first of each. */
  readonly events: ReadonlyMap<string, LoggedEvent>;
  /** By the record that was put aside (`keyOf`); where it was more than once, the first. */
  readonly deadLetters: ReadonlyMap<string, DeadLetter>;
  /** Events of the sender that say what an earlier one had said already. */
  readonly duplicateWrites: number;
  /** When each process that made attempts wrote its first and its last one. */
  readonly makers: ReadonlyMap<string, Activity>;
}

export interface Activity {
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** All that speaks of one message_id. Of an event that is in the log twice only the first is here. */
export interface Message {
  readonly id: string;
  /** In the order in which they were appended: the first is the original. Empty when nobody published it. */
  readonly records: readonly SendRecord[];
  readonly attempts: readonly Attempt[];
  /** The sender's settling events, in the order of the log. */
  readonly settlings: readonly Settling[];
}

export interface Settling {
  readonly event: LoggedEvent;
  /** Of the record that it speaks of. */
  readonly redriveOf: string | null;
}

/** One attempt, by its id. */
export interface Attempt {
  readonly attemptId: string;
  readonly attempt: number;
  /** The process that made it. */
  readonly maker: string;
  /** Of the record that it was made for. */
  readonly redriveOf: string | null;
  /** Of that record; empty where it is not known. */
  readonly lane: string;
  /** What the record it was made for, or its lane, says about an attempt in doubt. */
  readonly onDoubt: 'RESEND' | 'HOLD';
  /** Null when the log does not know it. */
  readonly attempted: LoggedEvent | null;
  /** What the sender told of it afterwards. */
  readonly outcomes: readonly LoggedEvent[];
  /** Signed callbacks: each proves that it was taken. */
  readonly proofs: readonly LoggedEvent[];
  /** Its requests at the simulator, in the order of arrival. */
  readonly calls: readonly Arrival[];
}

/** The lanes whose messages are sent again out of doubt unless they say otherwise. */
const RESENDING_LANES: ReadonlySet<string> = new Set(['otp']);

export const keyOf = ({ topic, partition, offset }: RecordAt): string => `${topic}/${partition}/${offset}`;

/** In the order of the log. All events of one message lie in one partition. */
export function inLogOrder(a: LoggedEvent, b: LoggedEvent): number {
  return a.appendedAtMs - b.appendedAtMs || a.partition - b.partition || a.offset - b.offset;
}

/** @returns whether the log, before `event`, tells of the attempt and not of its outcome */
export function isOpenBefore({ attempted, outcomes }: Attempt, event: LoggedEvent): boolean {
  const isBefore = (one: LoggedEvent) => inLogOrder(one, event) < 0;
  return attempted !== null && isBefore(attempted) && !outcomes.some(isBefore);
}

/** Whether Verihubs took one of its calls. */
export const wasTaken = ({ calls }: Attempt): boolean => calls.some(({ taken }) => taken);

export function openCase(history: History): CaseFile {
  const found = new Map<string, Findings>();
  const of = (id: string): Findings => {
    const known = found.get(id) ?? { records: [], events: [], arrivals: [] };
    found.set(id, known);
    return known;
  };
  const redriveOf = new Map(history.sent.map((record) => [keyOf(record), record.redriveOf]));
  const events = distinct(history.events, (event) => (event.of && redriveOf.get(keyOf(event.of))) ?? null);
  for (const record of history.sent) if (record.request) of(record.request.messageId).records.push(record);
  for (const event of events) if (event.messageId !== null) of(event.messageId).events.push(event);
  for (const arrival of history.arrivals) if (arrival.call) of(arrival.call.messageId).arrivals.push(arrival);
  return {
    history,
    events: new Map(events.toReversed().map((event) => [event.eventId, event])),
    messages: [...found].map(([id, findings]) => messageOf(id, findings)),
    deadLetters: firstOfEach(history.deadLetters),
    duplicateWrites: countOfSender(history.events) - countOfSender(events),
    makers: activities(events),
  };
}

export function isAttempted({ origin, status }: LoggedEvent): boolean {
  return origin === 'SENDER' && status === 'ATTEMPTED';
}

interface Findings {
  readonly records: SendRecord[];
  readonly events: LoggedEvent[];
  readonly arrivals: Arrival[];
}

/**
 * In the order of the log, each event_id once; but what ends without an attempt has the same one each time that it is
 * redriven.
 */
function distinct(
  events: readonly LoggedEvent[],
  redriveOf: (event: LoggedEvent) => string | null,
): readonly LoggedEvent[] {
  const seen = new Set<string>();
  return events.toSorted(inLogOrder).filter((event) => {
    const key = `${event.eventId} ${redriveOf(event) ?? ''}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function countOfSender(events: readonly LoggedEvent[]): number {
  return events.filter(({ origin }) => origin === 'SENDER').length;
}

function firstOfEach(deadLetters: readonly DeadLetter[]): ReadonlyMap<string, DeadLetter> {
  const first = new Map<string, DeadLetter>();
  for (const letter of deadLetters) {
    if (letter.of === null) continue;
    const known = first.get(keyOf(letter.of));
    if (!known || (letter.appendedAtMs ?? 0) < (known.appendedAtMs ?? 0)) first.set(keyOf(letter.of), letter);
  }
  return first;
}

function activities(events: readonly LoggedEvent[]): ReadonlyMap<string, Activity> {
  const makers = new Map<string, Activity>();
  for (const event of events) {
    if (!isAttempted(event) || event.attemptId === null) continue;
    const maker = makerOf(event.attemptId);
    const firstAtMs = makers.get(maker)?.firstAtMs ?? event.appendedAtMs;
    makers.set(maker, { firstAtMs, lastAtMs: event.appendedAtMs });
  }
  return makers;
}

function messageOf(id: string, { records, events, arrivals }: Findings): Message {
  const sorted = records.toSorted(
    (a, b) => a.appendedAtMs - b.appendedAtMs || a.partition - b.partition || a.offset - b.offset,
  );
  const byKey = new Map(sorted.map((record) => [keyOf(record), record]));
  const recordOf = (event: LoggedEvent | null): SendRecord | undefined =>
    (event?.of && byKey.get(keyOf(event.of))) || sorted[0];
  return {
    id,
    records: sorted,
    attempts: attemptsOf(events, arrivals, recordOf),
    settlings: events
      .filter(({ origin, status }) => origin === 'SENDER' && STATUSES[status].settling)
      .map((event) => ({ event, redriveOf: recordOf(event)?.redriveOf ?? null })),
  };
}

function attemptsOf(
  events: readonly LoggedEvent[],
  arrivals: readonly Arrival[],
  recordOf: (event: LoggedEvent | null) => SendRecord | undefined,
): readonly Attempt[] {
  const told = Map.groupBy(events, ({ attemptId }) => attemptId);
  const called = Map.groupBy(arrivals, ({ call }) => call?.attemptId ?? null);
  const ids = new Set([...told.keys(), ...called.keys()].filter((id) => id !== null));
  return [...ids].map((attemptId) => {
    const mine = told.get(attemptId) ?? [];
    const calls = (called.get(attemptId) ?? []).toSorted((a, b) => a.arrivedAtMs - b.arrivedAtMs);
    const attempted = mine.find(isAttempted) ?? null;
    const record = recordOf(attempted);
    return {
      attemptId,
      attempt: mine[0]?.attempt ?? calls[0]?.call?.attempt ?? 0,
      maker: makerOf(attemptId),
      redriveOf: record?.redriveOf ?? null,
      lane: record ? laneOf(record.topic) : '',
      onDoubt: onDoubtOf(record),
      attempted,
      outcomes: mine.filter((event) => event.origin === 'SENDER' && !isAttempted(event)),
      proofs: mine.filter(({ origin, verified }) => origin === 'CALLBACK' && verified),
      calls,
    };
  });
}

function onDoubtOf(record: SendRecord | undefined): 'RESEND' | 'HOLD' {
  if (!record?.request) return 'HOLD';
  const { onDoubt } = record.request;
  if (onDoubt !== 'LANE_DEFAULT') return onDoubt;
  return RESENDING_LANES.has(laneOf(record.topic)) ? 'RESEND' : 'HOLD';
}
