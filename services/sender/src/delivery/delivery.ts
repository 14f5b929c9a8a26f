import { type Clock, sleep } from '@whatsapp-stream/service-kit';
import { doubtPolicy } from '../admission/doubt.ts';
import { NOTHING_MADE, type Progress, progressOf, retryWaitMs } from '../admission/progress.ts';
import type { Ending, Rooms } from '../journey.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isExpired, type Message } from '../message.ts';
import type { Circuit } from '../pacing/circuit.ts';
import type { Gates } from '../pacing/gates.ts';
import { retry, retryAfterMs } from '../pacing/retry.ts';
import { type AccountObserver, createAccountWatch } from './account.ts';
import type { CallResult } from './call.ts';
import { classify, type Outcome } from './classify.ts';
import { createSettling, type Tell } from './settle.ts';

export interface DeliveryOptions {
  readonly gates: Gates;
  readonly circuit: Circuit;
  readonly ledger: Pick<Ledger, 'standing' | 'evidence'>;
  readonly tell: Tell;
  /** One HTTP request; `mayLeave` is asked right before its first byte. */
  readonly call: (
    message: Message,
    attempt: number,
    attemptId: string,
    mayLeave: () => boolean,
  ) => Promise<CallResult>;
  /** Names an attempt for ever: its number and the process that makes it. */
  readonly attemptId: (attempt: number) => string;
  /** How long word of an attempt in doubt is waited for, by lane. */
  readonly doubtGraceMs: (lane: string) => number;
  /** Aborted when the term as the active sender ends: nothing is started any more. */
  readonly over: AbortSignal;
  /** Whether this process is surely the active sender at this moment. */
  readonly isActive: () => boolean;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly observe: DeliveryObserver;
}

/** What operators may want to know. */
export interface DeliveryObserver extends AccountObserver {
  called(message: Message, outcome: Outcome['kind'], result: CallResult): void;
  resent(message: Message): void;
}

/** What one attempt led to. */
type Step =
  | { readonly kind: 'ended'; readonly ending: Ending }
  | { readonly kind: 'again'; readonly waitMs: number; readonly progress: Progress };

/** An attempt that was written, and the progress with it. */
interface Attempt {
  readonly message: Message;
  readonly progress: Progress;
  readonly attemptId: string;
}

/** A timer counts monotonic time; the wall clock may be set while it runs, so long waits are taken in turns. */
const LONGEST_SLEEP_MS = 60_000;

export function createDelivery(options: DeliveryOptions): Rooms['delivery'] {
  const { gates, ledger, over, clock, observe } = options;
  const tell: Tell = (message, fact) => {
    message.place.at('write');
    return options.tell(message, fact);
  };
  const settling = createSettling(tell, clock);
  const watchAccount = createAccountWatch(options.circuit, gates, clock, observe);

  async function deliver(message: Message, start: Progress, firstWaitMs: number): Promise<Ending> {
    let progress = start;
    let waitMs = firstWaitMs;
    for (;;) {
      await pause(message, waitMs);
      const step = await attemptOnce(message, progress);
      if (step.kind === 'ended') return step.ending;
      ({ progress, waitMs } = step);
    }
  }

  /** By the monotonic clock, but for the expiry: the wall clock may be set while a message waits. */
  async function pause({ request, place }: Message, ms: number): Promise<void> {
    const until = clock.monotonic() + ms;
    place.at('pause', until);
    while (!over.aborted) {
      const toExpiry = (request.expires_at ?? Number.POSITIVE_INFINITY) - clock.now();
      const left = Math.min(until - clock.monotonic(), toExpiry);
      if (left <= 0) return;
      await sleep(clock, Math.min(left, LONGEST_SLEEP_MS), over);
    }
  }

  /** What has come to be known, or to pass, while the message waited; null if it is still to be sent. */
  function overtaken(message: Message, progress: Progress, attemptId: string | null): Promise<Ending> | null {
    const standing = ledger.standing(message.request.message_id);
    if (standing.kind === 'settled') return Promise.resolve('done');
    if (standing.kind === 'taken') return settling.acceptTaken(message, standing.attempt, standing.attemptId);
    return isExpired(message.request, clock.now()) ? settling.expire(message, progress, attemptId) : null;
  }

  async function attemptOnce(message: Message, before: Progress): Promise<Step> {
    message.place.at('turn');
    if ((await gates.turn(message.laneIndex)) === 'over') return ended('left');
    const progress = { ...before, attempts: before.attempts + 1 };
    const attempt: Attempt = { message, progress, attemptId: options.attemptId(progress.attempts) };
    let written = false;
    try {
      const end = overtaken(message, before, null);
      if (end) return ended(await end);
      written = await tell(message, { ...of(attempt), status: 'ATTEMPTED' });
      if (!written) return ended('left');
    } finally {
      if (!written) gates.giveBack(message.laneIndex);
    }
    message.place.at('slot');
    const slot = await gates.slot(message.laneIndex);
    return slot.kind === 'go' ? makeCall(attempt, slot.leave, slot.probe) : notMade(attempt);
  }

  async function makeCall(attempt: Attempt, leave: () => boolean, probe: boolean): Promise<Step> {
    const { message, progress, attemptId } = attempt;
    const mayLeave = () =>
      !over.aborted && options.isActive() && !isExpired(message.request, clock.now()) && leave();
    let outcome: Outcome = { kind: 'not-made' };
    let holdMs = 0;
    message.place.at('call');
    try {
      const result = await options.call(message, progress.attempts, attemptId, mayLeave);
      outcome = classify(result);
      observe.called(message, outcome.kind, result);
    } finally {
      holdMs = watchAccount(outcome, probe);
      gates.ended();
    }
    return conclude(attempt, outcome, holdMs);
  }

  async function conclude(attempt: Attempt, outcome: Outcome, holdMs: number): Promise<Step> {
    const { message, progress } = attempt;
    switch (outcome.kind) {
      case 'accepted': {
        const { sessionId, httpStatus } = outcome;
        return ended(await settling.accept(message, { ...of(attempt), sessionId, httpStatus }));
      }
      case 'refused': {
        const { reason, httpStatus } = outcome;
        return ended(
          await settling.end(message, progress, { ...of(attempt), status: 'REFUSED', reason, httpStatus }),
        );
      }
      case 'retry':
        return tryAgain(attempt, outcome);
      case 'trouble':
        return again(attempt, holdMs, outcome.reason, outcome.httpStatus);
      case 'not-made':
        return notMade(attempt);
      case 'doubt': {
        const inDoubt = { ...attempt, progress: { ...progress, doubts: progress.doubts + 1 } };
        return ended(await resolveDoubt(inDoubt, outcome.reason, outcome.httpStatus));
      }
    }
  }

  async function tryAgain(before: Attempt, outcome: Extract<Outcome, { kind: 'retry' }>): Promise<Step> {
    const { reason, httpStatus, cause } = outcome;
    const progress = { ...before.progress, putOff: before.progress.putOff + 1 };
    const attempt = { ...before, progress };
    const asked = retryAfterMs(outcome.retryAfter, clock.now());
    const decision = retry(cause, progress.putOff, asked, options.random());
    if (decision.kind === 'again') return again(attempt, decision.afterMs, reason, httpStatus);
    const fact = { ...of(attempt), status: 'GAVE_UP', reason, httpStatus } as const;
    return ended(await settling.end(attempt.message, progress, fact));
  }

  /** An attempt that was written and then surely not made must not look like one in doubt. */
  async function notMade(attempt: Attempt): Promise<Step> {
    const { message, progress, attemptId } = attempt;
    if (isExpired(message.request, clock.now())) {
      return ended(await settling.expire(message, progress, attemptId));
    }
    const step = await again(attempt, 0, 'not made: taken back before it left', null);
    return over.aborted ? ended('left') : step;
  }

  async function again(
    attempt: Attempt,
    waitMs: number,
    reason: string,
    httpStatus: number | null,
  ): Promise<Step> {
    const { message, progress } = attempt;
    const retryAt = clock.now() + waitMs;
    const told = await tell(message, { ...of(attempt), status: 'RETRYING', retryAt, reason, httpStatus });
    return told ? { kind: 'again', waitMs, progress } : ended('left');
  }

  async function resolveDoubt(attempt: Attempt, reason: string, httpStatus: number | null): Promise<Ending> {
    const { message, progress, attemptId } = attempt;
    const id = message.request.message_id;
    const graceMs = options.doubtGraceMs(message.lane);
    message.place.at('doubt', clock.monotonic() + graceMs);
    if ((await ledger.evidence(id, graceMs, over)) === 'over') return 'left';
    const standing = ledger.standing(id);
    if (standing.kind === 'retrying') {
      return deliver(message, progressOf(standing), retryWaitMs(standing, clock.now()));
    }
    const end = overtaken(message, progress, attemptId);
    if (end) return end;
    if (doubtPolicy(message.request, message.lane, progress.doubts) === 'RESEND') {
      observe.resent(message);
      return deliver(message, progress, 0);
    }
    return settling.end(message, progress, { ...of(attempt), status: 'IN_DOUBT', reason, httpStatus });
  }

  return {
    deliver,
    resolveDoubt: (message, progress, attemptId) =>
      resolveDoubt({ message, progress, attemptId }, 'the outcome of the attempt was not recorded', null),
    settleTaken: settling.acceptTaken,
    refuse: (message, reason) =>
      settling.end(message, NOTHING_MADE, { status: 'REFUSED', attempt: 0, attemptId: null, reason }),
    expire: (message, attempts) => settling.expire(message, { ...NOTHING_MADE, attempts }, null),
  };
}

/** What every event of an attempt says. */
function of({ progress, attemptId }: Attempt): { readonly attempt: number; readonly attemptId: string } {
  return { attempt: progress.attempts, attemptId };
}

function ended(ending: Ending): Step {
  return { kind: 'ended', ending };
}
