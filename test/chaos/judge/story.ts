import { createHash } from 'node:crypto';
import type { OnDoubt, Status } from '@whatsapp-stream/schemas';
import { makerOf } from '../../support/calls.ts';
import type { Arrival, Commit, DeadLetter, History, LoggedEvent, SendRecord } from './history.ts';

/** Tells a history for the judge's tests, one step after another, each `STEP_MS` after the one before. */
export interface Story {
  /** @param id null for a record that is no send request */
  publish(id: string | null, more?: Partial<PublishOptions>): SendRecord;
  putAside(record: SendRecord): void;
  /** `ATTEMPTED`. */
  attempt(record: SendRecord, attemptId: string): void;
  /** Where another process called last, a hand-over lies between. */
  call(record: SendRecord, attemptId: string, more: Pick<Arrival, 'status' | 'taken'>): void;
  /** @returns its `event_id` */
  tell(record: SendRecord, status: Status, attemptId: string | null): string;
  /** @returns its `event_id` */
  callback(record: SendRecord, attemptId: string, status: Status): string;
  /** All of its partition up to and with the record. */
  commit(record: SendRecord): void;
  pass(ms: number): void;
  history(): History;
}

interface PublishOptions {
  readonly lane: 'otp' | 'transactional' | 'marketing';
  readonly partition: number;
  readonly onDoubt: OnDoubt;
  readonly redriveOf: string;
  readonly isSound: boolean;
  readonly expires: boolean;
}

const STEP_MS = 100;
const HAND_OVER_MS = 1_500;
const START_MS = Date.parse('2026-01-01T00:00:00Z');

export function tellStory(): Story {
  const sent: SendRecord[] = [];
  const events: LoggedEvent[] = [];
  const deadLetters: DeadLetter[] = [];
  const commits: Commit[] = [];
  const arrivals: Arrival[] = [];
  let now = START_MS;
  const step = () => {
    now += STEP_MS;
    return now;
  };

  function log(record: SendRecord, attemptId: string | null, more: Pick<LoggedEvent, 'status' | 'origin'>) {
    const messageId = idOf(record);
    const id = eventId(messageId, attemptId, more.status);
    events.push({
      partition: 0,
      offset: events.length,
      appendedAtMs: step(),
      eventId: id,
      messageId,
      attempt: Number.parseInt(attemptId ?? '0', 10),
      attemptId,
      verified: true,
      of: more.origin === 'SENDER' ? record : null,
      ...more,
    });
    return id;
  }

  return {
    publish(id, more = {}) {
      const { lane = 'transactional', partition = 0, onDoubt = 'LANE_DEFAULT', redriveOf } = more;
      const { isSound = true, expires = false } = more;
      const topic = `send.${lane}`;
      const offset = sent.filter((other) => other.topic === topic && other.partition === partition).length;
      const request = id === null ? null : { messageId: id, onDoubt, isSound, expires };
      const record = {
        topic,
        partition,
        offset,
        appendedAtMs: step(),
        request,
        redriveOf: redriveOf ?? null,
      };
      sent.push(record);
      return record;
    },
    putAside: (record) => void deadLetters.push({ of: record, appendedAtMs: step() }),
    attempt: (record, attemptId) => void log(record, attemptId, { status: 'ATTEMPTED', origin: 'SENDER' }),
    call(record, attemptId, more) {
      const before = arrivals.at(-1)?.call;
      if (before && makerOf(before.attemptId) !== makerOf(attemptId)) now += HAND_OVER_MS;
      const arrivedAtMs = step();
      arrivals.push({
        run: 0,
        receivedMs: arrivedAtMs - START_MS,
        arrivedAtMs,
        withinLimit: true,
        call: { messageId: idOf(record), attempt: Number.parseInt(attemptId, 10), attemptId },
        ...more,
      });
    },
    tell: (record, status, attemptId) => log(record, attemptId, { status, origin: 'SENDER' }),
    callback: (record, attemptId, status) => log(record, attemptId, { status, origin: 'CALLBACK' }),
    commit: ({ topic, partition, offset }) =>
      void commits.push({ topic, partition, offset: offset + 1, committedAtMs: step() }),
    pass(ms) {
      now += ms;
    },
    history: () => ({ sent, events, deadLetters, commits, arrivals, acknowledged: [], skippedEvents: 0 }),
  };
}

function idOf({ request }: SendRecord): string {
  if (!request) throw new Error('a record that is no request has no message');
  return request.messageId;
}

function eventId(...parts: readonly (string | null)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22);
}

/** All that may happen: process `a` is active, then `b`. Each message is named after what happens to it. */
export function soundHistory(): History {
  const story = tellStory();
  const plain = story.publish('plain');
  const retried = story.publish('retried', { lane: 'marketing' });
  const held = story.publish('held');
  const resent = story.publish('resent', { lane: 'otp' });
  const refused = story.publish('refused', { isSound: false });
  const late = story.publish('late', { onDoubt: 'HOLD' });
  const redriven = story.publish('redriven');
  const poison = story.publish(null);
  const repeat = story.publish('plain', { lane: 'otp' });
  const alone = story.publish('alone', { partition: 1 });

  story.attempt(plain, '1.a');
  story.call(plain, '1.a', { status: 201, taken: true });
  story.tell(plain, 'ACCEPTED', '1.a');
  story.callback(plain, '1.a', 'DELIVERED');
  story.commit(plain);
  story.attempt(alone, '1.a');
  story.call(alone, '1.a', { status: 201, taken: true });
  story.tell(alone, 'ACCEPTED', '1.a');
  story.commit(alone);
  story.attempt(retried, '1.a');
  story.call(retried, '1.a', { status: 429, taken: false });
  story.tell(retried, 'RETRYING', '1.a');
  story.attempt(retried, '2.a');
  story.call(retried, '2.a', { status: 201, taken: true });
  story.tell(retried, 'ACCEPTED', '2.a');
  story.tell(refused, 'REFUSED', null);
  story.putAside(poison);
  for (const record of [held, redriven, resent, late]) {
    story.attempt(record, '1.a');
    story.call(record, '1.a', { status: null, taken: record !== redriven });
  }
  story.pass(11_000);
  story.tell(held, 'IN_DOUBT', '1.a');
  const doubt = story.tell(redriven, 'IN_DOUBT', '1.a');
  story.pass(11_000);
  story.attempt(resent, '2.b');
  story.call(resent, '2.b', { status: 201, taken: true });
  story.tell(resent, 'ACCEPTED', '2.b');
  story.tell(late, 'IN_DOUBT', '1.a');
  story.tell(late, 'ACCEPTED', '1.a');
  story.commit(repeat);
  story.commit(poison);
  const again = story.publish('redriven', { redriveOf: doubt });
  story.attempt(again, '2.b');
  story.call(again, '2.b', { status: 201, taken: true });
  story.tell(again, 'ACCEPTED', '2.b');
  story.commit(again);
  const expired = story.publish('expired', { lane: 'marketing', expires: true });
  story.tell(expired, 'EXPIRED', null);
  const second = story.publish(null, { lane: 'marketing' });
  story.putAside(second);
  return story.history();
}
