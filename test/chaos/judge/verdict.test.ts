import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { History } from './history.ts';
import { soundHistory } from './story.ts';
import { TERMS } from './test-support.ts';
import { judge } from './verdict.ts';
import { VIOLATIONS, type ViolationKind } from './violation.ts';

function kindsOf(history: History): readonly ViolationKind[] {
  return judge(history, TERMS).violations.map(({ kind }) => kind);
}

type Part = {
  readonly [K in keyof History]: History[K] extends readonly unknown[] ? K : never;
}[keyof History];
type Item<K extends Part> = History[K][number];

/** Copies of the sound history in which one part differs a little. */
function copy<K extends Part>(part: K) {
  const history = soundHistory();
  const items: readonly Item<K>[] = history[part];
  const only = (which: (item: Item<K>) => boolean): Item<K> => {
    const [found, ...more] = items.filter(which);
    assert.ok(found && more.length === 0, 'exactly one item is meant');
    return found;
  };
  return {
    without(which: (item: Item<K>) => boolean): History {
      const left = only(which);
      return { ...history, [part]: items.filter((item) => item !== left) };
    },
    changed(which: (item: Item<K>) => boolean, change: (item: Item<K>) => Partial<Item<K>>): History {
      const old = only(which);
      return {
        ...history,
        [part]: items.map((item) => (item === old ? { ...item, ...change(item) } : item)),
      };
    },
    /** With one item once more, changed. */
    repeated(which: (item: Item<K>) => boolean, change: (item: Item<K>) => Partial<Item<K>>): History {
      const first = only(which);
      return { ...history, [part]: [...items, { ...first, ...change(first) }] };
    },
  };
}

const event =
  (id: string, status: string, attemptId?: string | null) =>
  (one: Item<'events'>): boolean =>
    one.messageId === id && one.status === status && (attemptId === undefined || one.attemptId === attemptId);
const call =
  (id: string, attemptId: string) =>
  (one: Item<'arrivals'>): boolean =>
    one.call?.messageId === id && one.call.attemptId === attemptId;
const record =
  (id: string, topic = 'send.transactional') =>
  (one: Item<'sent'>): boolean =>
    one.request?.messageId === id && one.topic === topic && one.redriveOf === null;
const isOfAlone = ({ partition }: Item<'commits'>): boolean => partition === 1;
const isPlains = ({ topic, partition, offset }: Item<'commits'>): boolean =>
  topic === 'send.transactional' && partition === 0 && offset === 1;
const HOUR_MS = 3_600_000;

test('a sound history is clean', () => {
  assert.deepEqual(judge(soundHistory(), TERMS).violations, []);
});

const BROKEN: Readonly<Record<string, readonly [History, readonly ViolationKind[]]>> = {
  'a message that is neither settled nor put aside': [
    copy('events').without(event('expired', 'EXPIRED')),
    ['LOST'],
  ],
  'a message that only a callback calls settled': [
    copy('events').changed(event('expired', 'EXPIRED'), () => ({ origin: 'CALLBACK' })),
    ['LOST'],
  ],
  'a record that is no request and is not put aside': [
    copy('deadLetters').without(({ of }) => of?.topic === 'send.marketing'),
    ['LOST'],
  ],
  'a settled message that nobody published': [copy('sent').without(record('refused')), ['UNPUBLISHED']],
  'a call for a message that nobody published': [
    copy('arrivals').repeated(call('plain', '1.a'), () => ({
      taken: false,
      call: { messageId: 'nobody', attempt: 1, attemptId: '1.a' },
    })),
    ['UNPUBLISHED', 'NOT_WRITTEN_AHEAD'],
  ],
  'a second taking after an attempt that was told as not taken': [
    copy('arrivals').changed(call('retried', '1.a'), () => ({ taken: true })),
    ['DOUBLED', 'RETRYING_YET_TAKEN'],
  ],
  'a second taking of a message that is to be held': [
    copy('sent').changed(record('resent', 'send.otp'), ({ request }) => ({
      request: request && { ...request, onDoubt: 'HOLD' },
    })),
    ['DOUBLED', 'CALLED_IN_DOUBT'],
  ],
  'a second taking in a lane that holds': [
    withLane('resent', 'send.marketing'),
    ['DOUBLED', 'CALLED_IN_DOUBT'],
  ],
  'a second call, not taken, while a message that is to be held is in doubt': [
    copy('events').without(event('retried', 'RETRYING')),
    ['CALLED_IN_DOUBT'],
  ],
  'a resend although a callback had long told that it was taken': [
    copy('events').repeated(event('resent', 'ATTEMPTED', '1.a'), () => ({
      eventId: 'callback',
      status: 'SENT',
      origin: 'CALLBACK',
      offset: 1_000,
    })),
    ['CALLED_AFTER_WORD'],
  ],
  'a resend after the message was settled': [
    copy('events').repeated(event('resent', 'ATTEMPTED', '1.a'), ({ appendedAtMs }) => ({
      eventId: 'settled',
      status: 'ACCEPTED',
      appendedAtMs: appendedAtMs + 200,
    })),
    ['DOUBLED', 'CALLED_AFTER_SETTLED', 'SETTLED_TWICE'],
  ],
  'a call without an attempt in the log': [
    copy('events').without(event('plain', 'ATTEMPTED')),
    ['NOT_WRITTEN_AHEAD'],
  ],
  'a call before its attempt was in the log': [
    copy('events').changed(event('plain', 'ATTEMPTED'), ({ appendedAtMs }) => ({
      appendedAtMs: appendedAtMs + 151,
    })),
    ['NOT_WRITTEN_AHEAD'],
  ],
  'a call of an attempt that was settled before it': [
    copy('arrivals').changed(call('plain', '1.a'), ({ arrivedAtMs }) => ({
      arrivedAtMs: arrivedAtMs + 60_000,
    })),
    ['CALLED_AFTER_SETTLED'],
  ],
  'an attempt that is called twice': [
    copy('arrivals').repeated(call('plain', '1.a'), () => ({ taken: false })),
    ['CALLED_TWICE'],
  ],
  'an attempt that is called and taken twice': [
    copy('arrivals').repeated(call('plain', '1.a'), () => ({})),
    ['DOUBLED', 'CALLED_TWICE'],
  ],
  'a taking whose callback URL names no attempt': [
    copy('arrivals').repeated(call('plain', '1.a'), () => ({ call: null })),
    ['UNNAMED'],
  ],
  'a record that was committed before it was settled': [
    copy('commits').changed(isOfAlone, ({ committedAtMs }) => ({ committedAtMs: committedAtMs - 151 })),
    ['COMMITTED_AHEAD'],
  ],
  'an offset that was committed one too far': [
    copy('commits').changed(isPlains, ({ offset }) => ({ offset: offset + 1 })),
    ['COMMITTED_AHEAD'],
  ],
  'a record that was committed before it was put aside': [
    copy('deadLetters').changed(
      ({ of }) => of?.topic === 'send.transactional',
      ({ appendedAtMs }) => ({
        appendedAtMs: (appendedAtMs ?? 0) + HOUR_MS,
      }),
    ),
    ['COMMITTED_AHEAD'],
  ],
  'a message that was committed and never settled': [
    copy('events').without(event('refused', 'REFUSED')),
    ['LOST', 'COMMITTED_AHEAD'],
  ],
  'a second settling event by the same process': [
    copy('events').repeated(event('retried', 'ACCEPTED'), ({ appendedAtMs }) => ({
      eventId: 'again',
      status: 'IN_DOUBT',
      attempt: 1,
      attemptId: '1.a',
      appendedAtMs: appendedAtMs + 1,
      offset: 1_000,
    })),
    ['SETTLED_TWICE'],
  ],
  'two settling events of one attempt, none of which is out of doubt': [
    copy('events').changed(event('late', 'IN_DOUBT'), () => ({ status: 'GAVE_UP' })),
    ['NO_CAUSE', 'SETTLED_TWICE', 'WRONG_END'],
  ],
  'an event out of doubt and an outcome, and nobody else was active': [alone(), ['SETTLED_TWICE']],
  'a message that was taken and ended as refused': [
    copy('events').changed(event('held', 'IN_DOUBT'), () => ({ status: 'REFUSED' })),
    ['NO_CAUSE', 'WRONG_END'],
  ],
  'a message that ended as given up while an earlier attempt had been taken': [
    copy('arrivals').changed(call('resent', '2.b'), () => ({ taken: false, status: 409 })),
    ['ACCEPTED_NOT_TAKEN'],
  ],
  'an attempt that was accepted and not taken': [
    copy('arrivals').changed(call('plain', '1.a'), () => ({ taken: false })),
    ['ACCEPTED_NOT_TAKEN'],
  ],
};

/** The message's record in another lane, and its events with it. */
function withLane(id: string, topic: string): History {
  const history = soundHistory();
  const moved = { topic, offset: 100 };
  return {
    ...history,
    sent: history.sent.map((one) => (one.request?.messageId === id ? { ...one, ...moved } : one)),
    events: history.events.map((one) =>
      one.messageId === id && one.of ? { ...one, of: { ...one.of, ...moved } } : one,
    ),
  };
}

/** All that process `b` did, done by `a`. */
function alone(): History {
  const history = soundHistory();
  const by = <T extends { readonly attemptId: string | null }>(one: T): T => ({
    ...one,
    attemptId: one.attemptId?.replace('.b', '.a') ?? null,
  });
  return {
    ...history,
    events: history.events.map(by),
    arrivals: history.arrivals.map((one) => ({
      ...one,
      call: one.call && { ...one.call, attemptId: one.call.attemptId.replace('.b', '.a') },
    })),
  };
}

for (const [name, [history, expected]] of Object.entries(BROKEN)) {
  test(`caught: ${name}`, () => {
    assert.deepEqual(kindsOf(history), expected);
  });
}

test('caught: one request too many in a second', () => {
  const { violations } = judge(soundHistory(), { ...TERMS, maxPerSecond: 2 });
  assert.deepEqual(new Set(violations.map(({ kind }) => kind)), new Set(['TOO_FAST']));
});

test('of each kind of violation there is a broken history', () => {
  // Those that are told in tests of their own: `causes.test.ts` and `redrives.test.ts`.
  const elsewhere = [
    'TOO_FAST',
    'TWO_ACTIVE',
    'RESENT_TOO_SOON',
    'NOT_ASKED_FOR',
    'NO_CAUSE',
    'CALLBACK_LOST',
  ];
  const caught = new Set([...Object.values(BROKEN).flatMap(([, kinds]) => kinds), ...elsewhere]);
  assert.deepEqual(caught, new Set(Object.keys(VIOLATIONS)));
});
