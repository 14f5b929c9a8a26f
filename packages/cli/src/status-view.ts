import type { RecordPosition } from '@whatsapp-stream/kafka';
import { foldEvents, type MessageState, type StatusEvent } from '@whatsapp-stream/schemas';
import type { Colours } from './colours.ts';
import { createJourneys } from './journeys.ts';
import { createNewest } from './newest.ts';
import { coloured, journeyLine, plain, showTime, statusLine } from './render.ts';

/** How events are shown while the log is read: first what is there, then what comes. */
export interface StatusView {
  event(event: StatusEvent, position: RecordPosition): void;
  /** All that was in the log is read. */
  caughtUp(): void;
  /** How many events were taken, duplicates included. */
  count(): number;
}

export interface Output {
  /** A line of what was asked for. */
  print(line: string): void;
  /** A line about it. */
  note(line: string): void;
  readonly colours: Colours;
  readonly now: () => number;
}

interface Told {
  readonly event: StatusEvent;
  readonly position: RecordPosition;
}

/** Many more than move at a time. */
const REMEMBERED_MESSAGES = 10_000;

/** Each event as a JSON object on a line, as it lies in the log: in order for each message, duplicates included. */
export function jsonView({ print }: Output): StatusView {
  let count = 0;
  return {
    event(event, { partition, offset }) {
      count += 1;
      print(JSON.stringify({ ...event, partition, offset }));
    },
    caughtUp: () => undefined,
    count: () => count,
  };
}

/** The newest `limit` events by time, each a line, then each that comes. */
export function listView(output: Output, limit: number): StatusView {
  const { print, note, colours, now } = output;
  const journeys = createJourneys(REMEMBERED_MESSAGES);
  const newest = createNewest<Told>(limit, byTime);
  let live = false;
  let count = 0;
  const show = (event: StatusEvent) => {
    const before = journeys.add(event);
    if (before !== null) print(statusLine(event, { colours, before, nowMs: now() }));
  };
  return {
    event(event, position) {
      count += 1;
      if (live) show(event);
      else newest.add({ event, position });
    },
    caughtUp() {
      live = true;
      const events = newest.sorted();
      if (newest.leftOut() > 0) {
        note(`${newest.leftOut()} older events are left out: --limit shows more, --since less`);
      }
      for (const { event } of events) show(event);
    },
    count: () => count,
  };
}

/** One message's journey in the order of time, then its state; then each event that comes. */
export function journeyView(output: Output): StatusView {
  const { print, colours, now } = output;
  const events = new Map<string, Told>();
  let live = false;
  let startMs = 0;
  let count = 0;
  const show = (event: StatusEvent) => print(journeyLine(event, startMs, { colours, nowMs: now() }));
  return {
    event(event, position) {
      count += 1;
      if (events.has(event.event_id)) return;
      events.set(event.event_id, { event, position });
      if (!live) return;
      if (events.size === 1) startMs = event.occurred_at;
      show(event);
    },
    caughtUp() {
      live = true;
      const sorted = [...events.values()].sort(byTime).map(({ event }) => event);
      startMs = sorted[0]?.occurred_at ?? 0;
      for (const event of sorted) show(event);
      const state = foldEvents(sorted);
      if (state) for (const line of stateLines(state, output)) print(line);
    },
    count: () => count,
  };
}

/** What is known of a message in the end, for people. */
export function stateLines(state: MessageState, { colours, now }: Pick<Output, 'colours' | 'now'>): string[] {
  const facts: [string, string | null][] = [
    ['message', state.messageId],
    ['state', coloured(state.status, colours)],
    [
      'journey',
      `${state.closed ? 'closed' : 'open'}, ${state.settled ? 'settled' : 'not settled'} by the sender`,
    ],
    ['charged', state.charged === null ? 'not known' : state.charged ? 'yes' : 'no'],
    ['attempts', String(state.attempt)],
    ['lane', state.lane],
    ['template', state.templateName],
    ['source', state.source || null],
    ['session', state.sessionId],
    ['last told', showTime(state.lastEventAtMs, now())],
    ...Object.entries(state.metadata).map(([key, value]): [string, string] => [`metadata ${key}`, value]),
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== null);
  const width = Math.max(...known.map(([name]) => plain(name).length));
  return ['', ...known.map(([name, value]) => lineOf(name, value, width, colours))];
}

function lineOf(name: string, value: string, width: number, colours: Colours): string {
  const shown = name === 'state' ? value : plain(value);
  return `${colours.dim(plain(name).padEnd(width))}  ${shown}`;
}

/** What happened in the same ms in one partition is in the order of the log. */
function byTime(a: Told, b: Told): number {
  return (
    a.event.occurred_at - b.event.occurred_at ||
    a.position.partition - b.position.partition ||
    a.position.offset - b.position.offset
  );
}
