/**
 * What leads from a message to its end. Ledger, gates, circuit and pace are the real ones, on a clock that is
 * moved by hand; the call to Verihubs and the writing to Kafka are doubled.
 */
import assert from 'node:assert/strict';
import {
  newSendRequest,
  newStatusEvent,
  newTemplate,
  redriveHeaders,
  redriveSuffix,
  type SendRequest,
} from '@whatsapp-stream/schemas';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { type Fact, senderEvent, senderHeaders } from '../ledger/events.ts';
import { createLedger } from '../ledger/ledger.ts';
import { createSettledMessages } from '../ledger/settled.ts';
import { type Message, messageOf } from '../message.ts';
import { createCircuit } from '../pacing/circuit.ts';
import { createGates } from '../pacing/gates.ts';
import { createPace } from '../pacing/pace.ts';
import type { CallResult } from './call.ts';
import { createDelivery } from './delivery.ts';
import type { Objection } from './uncalled.ts';

export const GRACE_MS = 30_000;
/** Somewhere in the log. */
export const LOG = { partition: 0, offset: 0, headers: {} };
export const answer = (httpStatus: number, body = '{}', retryAfter: string | null = null): CallResult => ({
  kind: 'answered',
  httpStatus,
  body,
  retryAfter,
  tookMs: 1,
});
export const ACCEPTED = answer(201, '{"session_id":"s-1"}');
export const LOST: CallResult = { kind: 'no-answer', why: 'reset' };

export function message(lane = 'transactional', more: Partial<SendRequest> = {}): Message {
  const template = newTemplate({ name: 't', lang_code: 'id' });
  const request = newSendRequest({ message_id: 'm', msisdn: '628001', template, requested_at: 0, ...more });
  return messageOf(recordIn(lane), request, laneAt(lane), { at: () => {}, known: () => {} });
}

/** The same message, as a redrive that answers the event `of`. */
export function redriveOf(first: Message, of: string, attempts: number): Message {
  const record = { ...first.record, offset: 1, headers: redriveHeaders({ of, attempts }) };
  return messageOf(record, first.request, laneAt(first.lane), first.place);
}

const laneAt = (lane: string) => ({ lane, laneIndex: lane === 'otp' ? 0 : 1 });

const recordIn = (lane: string) => ({
  topic: `x.${lane}`,
  partition: 0,
  offset: 0,
  timestamp: 0,
  key: null,
  value: null,
  headers: {},
});

/** @param script what each call brings, in order; a function may act before it answers */
export function setUp(...script: (CallResult | (() => CallResult))[]) {
  const clock = manualClock(1_000_000);
  const over = new AbortController();
  const closedLanes = new Set<number>();
  const circuit = createCircuit({ firstMs: 1_000, maxMs: 60_000 });
  const gates = createGates({
    shares: [60, 40],
    isOpen: (lane) => !closedLanes.has(lane),
    ahead: 2,
    maxCalls: 10,
    pace: createPace({ limit: 50, windowMs: () => 1_000 }),
    circuit,
    isActive: () => lease.holds,
    clock,
  });
  const ledger = createLedger({
    append: async () => true,
    settled: createSettledMessages({ windowMs: 1e9, maxMessages: 100 }),
    clock,
  });
  const told: Fact[] = [];
  const lease = { holds: true };
  const objection: { now: Objection | null } = { now: null };
  const seen = { calls: 0, resent: 0, opened: 0, closed: 0 };
  const delivery = createDelivery({
    gates,
    circuit,
    ledger,
    clock,
    over: over.signal,
    isActive: () => lease.holds,
    random: () => 0,
    doubtGraceMs: () => GRACE_MS,
    heard: () => hears(),
    attemptId: ({ redrive }, attempt) =>
      redrive ? `${attempt}.p.${redriveSuffix(redrive.of)}` : `${attempt}.p`,
    objection: () => objection.now,
    async tell(of, fact) {
      told.push(fact);
      await beforeTold();
      const event = senderEvent(of, fact, undefined, clock.now());
      return ledger.write(event, senderHeaders(of, event));
    },
    async call(_message, _attempt, _attemptId, mayLeave) {
      await beforeByte();
      if (!mayLeave()) return { kind: 'not-sent', cause: 'withdrawn', why: 'withdrawn' };
      const next = script[seen.calls];
      seen.calls += 1;
      assert.ok(next, 'a call that nobody expected');
      return typeof next === 'function' ? next() : next;
    },
    observe: {
      called: () => {},
      resent: () => (seen.resent += 1),
      circuitOpened: () => (seen.opened += 1),
      circuitClosed: () => (seen.closed += 1),
    },
  });
  let beforeByte: () => unknown = () => {};
  let beforeTold: () => unknown = () => {};
  let hears = async () => true;
  const callback = (attemptId: string) =>
    ledger.learn(
      newStatusEvent({
        event_id: 'c',
        message_id: 'm',
        status: 'SENT',
        origin: 'CALLBACK',
        attempt: 1,
        attempt_id: attemptId,
        occurred_at: clock.now(),
      }),
      LOG,
    );
  const statuses = () => told.map(({ status, attempt }) => `${status} ${attempt}`);
  return {
    clock,
    over,
    lease,
    closedLanes,
    objection,
    gates,
    ledger,
    told,
    seen,
    delivery,
    callback,
    statuses,
    hears: (act: () => Promise<boolean>) => {
      hears = act;
    },
    beforeTold: (act: () => unknown) => {
      beforeTold = act;
    },
    beforeFirstByte: (act: () => unknown) => {
      beforeByte = act;
    },
  };
}
