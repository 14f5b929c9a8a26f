/**
 * The fold in SQL against the one of @whatsapp-stream/schemas, on random events of many messages at once: duplicated,
 * tied, unsigned, of several attempts, out of order, with odd texts and keys.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  foldEvents,
  type MessageState,
  ORIGIN_SYMBOLS,
  STATUS_SYMBOLS,
  type StatusEvent,
} from '@whatsapp-stream/schemas';
import fc from 'fast-check';
import { writeStates } from './states.ts';
import { newFolder, writeEvents } from './test-support.ts';

const MESSAGES = 4_000;
const LONG_AGO = 1_795_000_000_000;

/** UTF-16, by which JavaScript orders, and UTF-8 differ about the last ones. */
const word = fc.constantFrom('a', 'B', '', 'constructor', `it's "q"`, '\u{ffee}', '😀', 'a😀', 'a\u{ffee}');
const text = fc.option(word);
const moment = fc.nat(3).map((ms) => LONG_AGO + ms);

/** Few values for everything, so that events often agree in some fields and differ in others. */
const anyEvent = fc.record({
  event_id: fc.constantFrom('e1', 'e2'),
  names: fc.constantFrom('message', 'message', 'both', 'both', 'session', 'none'),
  session: fc.constantFrom('s1', 's2', 's3'),
  status: fc.constantFrom(...STATUS_SYMBOLS),
  provider_code: fc.constantFrom(null, 1, 99),
  origin: fc.constantFrom(...ORIGIN_SYMBOLS),
  attempt: fc.constantFrom(0, 1, 2, 3, 2_147_483_647),
  attempt_id: text,
  occurred_at: moment,
  http_status: fc.constantFrom(null, 201, 500),
  reason: text,
  retry_at: fc.option(moment),
  charged: fc.constantFrom(null, true, false),
  lane: text,
  source: text,
  template_name: text,
  recipient: text,
  verified: fc.boolean(),
  metadata: fc.dictionary(fc.oneof(word, fc.constant('__proto__')), word, {
    maxKeys: 3,
    noNullPrototype: true,
  }),
});
/** One fact told twice, a little differently: what decides between them is the last of the rules. */
const difference = fc.oneof(
  ...(['attempt_id', 'origin', 'provider_code', 'http_status', 'reason', 'retry_at', 'charged'] as const).map(
    (field) => anyEvent.map((event) => ({ [field]: event[field] })),
  ),
);
const someEvents = fc
  .array(fc.tuple(anyEvent, fc.option(difference)), { minLength: 1, maxLength: 6 })
  .map((drawn) => drawn.flatMap(([event, other]) => (other ? [event, { ...event, ...other }] : [event])));
type Drawn = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never;

/** Two messages draw from the same sessions, so that a session is sometimes told of both. */
function eventsOf(drawn: readonly Drawn[], id: number): readonly StatusEvent[] {
  const pair = Math.floor(id / 2);
  return drawn.map(({ names, session, event_id, ...event }) => ({
    ...event,
    event_id: `${id}-${event_id}`,
    message_id: names === 'message' || names === 'both' ? `m${id}` : null,
    session_id: names === 'session' || names === 'both' ? `${pair}-${session}` : null,
  }));
}

/** The join as the design has it: by the session of its ACCEPTED, else of any event. */
function journeysOf(events: readonly StatusEvent[]): ReadonlyMap<string, readonly StatusEvent[]> {
  const telling = events.filter((event) => event.message_id !== null && event.session_id !== null);
  const messages = (among: readonly StatusEvent[]) =>
    new Map(
      among
        .toSorted((a, b) => ((a.message_id ?? '') < (b.message_id ?? '') ? 1 : -1))
        .map((event) => [event.session_id, event.message_id]),
    );
  const byAny = messages(telling);
  const byAccepted = messages(telling.filter(({ status }) => status === 'ACCEPTED'));
  const joined = events.map((event) => {
    const found = byAccepted.get(event.session_id) ?? byAny.get(event.session_id) ?? null;
    return { ...event, message_id: event.message_id ?? found };
  });
  return Map.groupBy(joined, (event) =>
    JSON.stringify([event.message_id ?? event.session_id ?? event.event_id, event.message_id !== null]),
  );
}

const NEVER = Object.fromEntries(STATUS_SYMBOLS.map((status) => [`${status.toLowerCase()}_at`, null]));

function rowOf(state: MessageState): Readonly<Record<string, unknown>> {
  const reached = Object.entries(state.reachedAtMs).map(([status, ms]) => [`${status.toLowerCase()}_at`, ms]);
  return {
    message_id: state.messageId,
    session_id: state.sessionId,
    status: state.status,
    attempt: state.attempt,
    attempt_id: state.attemptId,
    event_id: state.eventId,
    origin: state.origin,
    occurred_at: state.occurredAtMs,
    provider_code: state.providerCode,
    http_status: state.httpStatus,
    reason: state.reason,
    retry_at: state.retryAtMs,
    charged: state.charged,
    verified: state.verified,
    lane: state.lane,
    source: state.source,
    template_name: state.templateName,
    recipient: state.recipient,
    metadata: state.metadata,
    closed: state.closed,
    settled: state.settled,
    first_event_at: state.firstEventAtMs,
    last_event_at: state.lastEventAtMs,
    ...NEVER,
    ...Object.fromEntries(reached),
  };
}

/** In one order, since neither side promises one. */
function sorted(rows: readonly Readonly<Record<string, unknown>>[]) {
  const keyOf = (row: Readonly<Record<string, unknown>>) =>
    JSON.stringify([row['message_id'], row['session_id'], row['event_id']]);
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

test('the states are what foldEvents makes of the events of each message', async (t) => {
  const seed = Date.now();
  t.diagnostic(`seed ${seed}`);
  const drawn = fc.sample(someEvents, { seed, numRuns: MESSAGES });
  const events = drawn.flatMap(eventsOf);
  const repeated = events.filter((_event, i) => i % 5 === 0);

  const folder = join(await newFolder(t), 'events');
  await writeEvents(folder, [...repeated, ...events].toReversed());
  const out = `${folder}.states.ndjson`;
  const count = await writeStates(folder, out, { format: 'ndjson' });

  const rows = (await readFile(out, 'utf8')).trimEnd().split('\n');
  const states: Readonly<Record<string, unknown>>[] = rows.map((line) => JSON.parse(line));
  const expected = [...journeysOf(events).values()].flatMap((journey) => {
    const state = foldEvents(journey);
    return state === undefined ? [] : [rowOf(state)];
  });
  assert.equal(count, expected.length);
  const found = sorted(states);
  const pairs = sorted(expected).map((row, i) => [row, found[i]]);
  const wrong = pairs.filter(([row, state]) => {
    try {
      assert.deepEqual(state, row);
      return false;
    } catch {
      return true;
    }
  });
  assert.deepEqual(wrong.slice(0, 3), []);
});
