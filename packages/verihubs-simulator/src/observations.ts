import { boundedList } from './bounded-list.ts';
import { durations, type Spread } from './durations.ts';
import type { CallbackEvent, RequestEvent, SimulatorEvent } from './events.ts';
import { type TakenMessage, takenMessages } from './messages.ts';
import { budgetUsed, slidingMaximum } from './window.ts';

/** What was seen since the start or the last reset. */
export type ObservedStats = {
  /** Every request outside `/_simulator`, whatever was answered. */
  readonly requests: number;
  /** By HTTP status; those that got no answer under `none`. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly taken: number;
  /** Answered 429 by the rate limit itself, not by a fault or a sandbox number. */
  readonly overLimit: number;
  /** Messages that were taken more than once, by fingerprint, and how many takings were too many. */
  readonly duplicates: { readonly messages: number; readonly extraTakings: number };
  readonly rate: {
    /** The most requests in any sliding second, counting every one. */
    readonly maxInAnySecond: number;
    readonly firstReceivedMs: number | null;
    readonly lastReceivedMs: number | null;
    /** Share of the limit used between the first and the last request within it; even pacing at the limit gives 1. */
    readonly budgetUsed: number | null;
    /** Between one arrival and the next. */
    readonly gapMs: Spread;
  };
  /** From the arrival of a request to the end of its answer. */
  readonly answerMs: Spread;
  readonly callbacks: {
    readonly ok: number;
    readonly otherStatus: number;
    readonly failed: number;
    readonly lost: number;
    readonly retried: number;
    readonly tookMs: Spread;
  };
  /** What was too much to keep: such events and messages are counted but no longer listed. */
  readonly forgotten: { readonly events: number; readonly messages: number };
};

export type Observations = {
  /** An arrival, in order; returns its number. */
  arrived(receivedMs: number): number;
  request(event: RequestEvent, plannedCodes: readonly number[]): void;
  answered(tookMs: number): void;
  add(event: Exclude<SimulatorEvent, RequestEvent>): void;
  stats(maxRequestsPerSecond: number | null): ObservedStats;
  messages(): readonly TakenMessage[];
  events(): readonly SimulatorEvent[];
  /** Calls back with every event from now on, until the returned function is called. */
  follow(listener: (event: SimulatorEvent) => void): () => void;
  clear(): void;
};

type Counters = {
  requests: number;
  byStatus: Record<string, number>;
  taken: number;
  overLimit: number;
  withinLimit: number;
  firstWithinMs: number;
  lastWithinMs: number;
  firstMs: number | null;
  lastMs: number | null;
  callbacks: { ok: number; otherStatus: number; failed: number; lost: number; retried: number };
};

const noCounts = (): Counters => ({
  requests: 0,
  byStatus: {},
  taken: 0,
  overLimit: 0,
  withinLimit: 0,
  firstWithinMs: Number.POSITIVE_INFINITY,
  lastWithinMs: Number.NEGATIVE_INFINITY,
  firstMs: null,
  lastMs: null,
  callbacks: { ok: 0, otherStatus: 0, failed: 0, lost: 0, retried: 0 },
});

function countRequest(counts: Counters, event: RequestEvent): void {
  const status = event.status === null ? 'none' : String(event.status);
  counts.byStatus[status] = (counts.byStatus[status] ?? 0) + 1;
  if (event.taken) counts.taken += 1;
  if (event.withinLimit === false) counts.overLimit += 1;
  if (event.withinLimit !== true) return;
  counts.withinLimit += 1;
  // Requests are decided in another order than they arrive in, when a body is slow.
  counts.firstWithinMs = Math.min(counts.firstWithinMs, event.receivedMs);
  counts.lastWithinMs = Math.max(counts.lastWithinMs, event.receivedMs);
}

function countCallback(counts: Counters['callbacks'], event: CallbackEvent): void {
  if (event.attempt > 1) counts.retried += 1;
  if (event.result === 'lost') counts.lost += 1;
  else if (event.result === 'failed') counts.failed += 1;
  else if (event.status === 200) counts.ok += 1;
  else counts.otherStatus += 1;
}

/** Counts and keeps what the simulator sees: the latest `keep` events and messages, and all the numbers. */
export function createObservations(keep: number): Observations {
  const events = boundedList<SimulatorEvent>(keep);
  const messages = takenMessages(keep);
  const sliding = slidingMaximum();
  const gaps = durations();
  const answers = durations();
  const callbackTimes = durations();
  const listeners = new Set<(event: SimulatorEvent) => void>();
  let counts = noCounts();
  let seq = 0;

  function publish(event: SimulatorEvent): void {
    events.add(event);
    for (const listener of listeners) listener(event);
  }

  return {
    arrived(receivedMs) {
      if (counts.lastMs !== null) gaps.add(receivedMs - counts.lastMs);
      counts.requests += 1;
      counts.firstMs ??= receivedMs;
      counts.lastMs = receivedMs;
      sliding.add(receivedMs);
      seq += 1;
      return seq;
    },
    request(event, plannedCodes) {
      countRequest(counts, event);
      if (event.taken) messages.add(event, plannedCodes);
      publish(event);
    },
    answered: answers.add,
    add(event) {
      if (event.type === 'callback') {
        countCallback(counts.callbacks, event);
        if (event.result !== 'lost') callbackTimes.add(event.tookMs);
        messages.callback(event);
      }
      publish(event);
    },
    stats: (limit) => ({
      requests: counts.requests,
      byStatus: { ...counts.byStatus },
      taken: counts.taken,
      overLimit: counts.overLimit,
      duplicates: messages.duplicates(),
      rate: {
        maxInAnySecond: sliding.max(),
        firstReceivedMs: counts.firstMs,
        lastReceivedMs: counts.lastMs,
        budgetUsed: budgetUsed(counts.withinLimit, counts.firstWithinMs, counts.lastWithinMs, limit),
        gapMs: gaps.spread(),
      },
      answerMs: answers.spread(),
      callbacks: { ...counts.callbacks, tookMs: callbackTimes.spread() },
      forgotten: { events: events.forgotten(), messages: messages.forgotten() },
    }),
    messages: messages.list,
    events: events.items,
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear() {
      events.clear();
      messages.clear();
      sliding.clear();
      for (const spread of [gaps, answers, callbackTimes]) spread.clear();
      counts = noCounts();
    },
  };
}
