import { type Clock, sleep } from '@whatsapp-stream/service-kit';
import { doubtPolicy } from '../admission/doubt.ts';
import type { Ending, Rooms } from '../journey.ts';
import type { Fact } from '../ledger/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isExpired, type Message } from '../message.ts';
import type { Circuit } from '../pacing/circuit.ts';
import type { Gates } from '../pacing/gates.ts';
import { retry, retryAfterMs } from '../pacing/retry.ts';
import type { CallResult } from './call.ts';
import { classify, type Outcome } from './classify.ts';

export interface DeliveryOptions {
  readonly gates: Gates;
  readonly circuit: Circuit;
  readonly ledger: Pick<Ledger, 'standing' | 'evidence'>;
  /** Writes a status event of the message. @returns false if stopped before Kafka acknowledged it */
  readonly tell: (message: Message, fact: Fact) => Promise<boolean>;
  /** One HTTP request; `mayLeave` is asked right before its first byte. */
  readonly call: (
    message: Message,
    attempt: number,
    attemptId: string,
    mayLeave: () => boolean,
  ) => Promise<CallResult>;
  /** Names an attempt for ever: its number and the process that makes it. */
  readonly attemptId: (attempt: number) => string;
  readonly doubtGraceMs: number;
  /** Aborted when the term as the active sender ends: nothing is started any more. */
  readonly over: AbortSignal;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly observe: DeliveryObserver;
}

/** What operators may want to know. */
export interface DeliveryObserver {
  called(message: Message, outcome: Outcome['kind'], result: CallResult): void;
  resent(message: Message): void;
  circuitOpened(reason: string, holdMs: number): void;
  circuitClosed(): void;
}

/** How far a message has come. */
interface Progress {
  /** Attempts made. */
  readonly attempts: number;
  /** One of them may have been taken; the message can then end as ACCEPTED or IN_DOUBT only. */
  readonly doubtful: boolean;
}

/** What one attempt led to. */
type Step =
  | { readonly kind: 'ended'; readonly ending: Ending }
  | { readonly kind: 'again'; readonly at: number; readonly progress: Progress };

export function createDelivery(options: DeliveryOptions): Rooms['delivery'] {
  const { gates, circuit, ledger, tell, over, clock, observe } = options;

  /** Settles the message. What may have been taken cannot end as if it had not been. */
  async function settle(message: Message, progress: Progress, fact: Fact): Promise<Ending> {
    const told: Fact = progress.doubtful
      ? {
          ...fact,
          status: 'IN_DOUBT',
          reason: `${fact.reason ?? fact.status}; an earlier attempt is still in doubt`,
        }
      : fact;
    return (await tell(message, told)) ? 'done' : 'left';
  }

  function expire(message: Message, progress: Progress, attemptId: string | null): Promise<Ending> {
    const lateMs = clock.now() - (message.request.expires_at ?? clock.now());
    const reason = `${lateMs} ms after expires_at`;
    return settle(message, progress, { status: 'EXPIRED', attempt: progress.attempts, attemptId, reason });
  }

  async function settleTaken(message: Message, attempt: number, attemptId: string): Promise<Ending> {
    const reason = 'a callback proves that the attempt was taken';
    return (await tell(message, { status: 'ACCEPTED', attempt, attemptId, reason })) ? 'done' : 'left';
  }

  /** What the log has come to say while the message waited; null if it is still to be sent. */
  function overtaken(message: Message): Promise<Ending> | null {
    const standing = ledger.standing(message.request.message_id);
    if (standing.kind === 'settled') return Promise.resolve('done');
    if (standing.kind === 'taken') return settleTaken(message, standing.attempt, standing.attemptId);
    return null;
  }

  async function deliver(message: Message, start: Progress, notBefore: number): Promise<Ending> {
    let progress = start;
    let at = notBefore;
    for (;;) {
      const expiresAt = message.request.expires_at ?? Number.POSITIVE_INFINITY;
      await sleepUntil(Math.min(at, expiresAt));
      const step = await attemptOnce(message, progress);
      if (step.kind === 'ended') return step.ending;
      ({ progress, at } = step);
    }
  }

  async function sleepUntil(at: number): Promise<void> {
    // In turns: a timer counts monotonic time, and the wall clock may be set meanwhile.
    while (clock.now() < at && !over.aborted) await sleep(clock, Math.min(at - clock.now(), 60_000), over);
  }

  async function attemptOnce(message: Message, progress: Progress): Promise<Step> {
    if ((await gates.turn(message.laneIndex)) === 'over') return ended('left');
    const earlyEnd =
      overtaken(message) ??
      (isExpired(message.request, clock.now()) ? expire(message, progress, null) : null);
    if (earlyEnd) {
      gates.giveBack(message.laneIndex);
      return ended(await earlyEnd);
    }
    const attempt = progress.attempts + 1;
    const attemptId = options.attemptId(attempt);
    if (!(await tell(message, { status: 'ATTEMPTED', attempt, attemptId }))) {
      gates.giveBack(message.laneIndex);
      return ended('left');
    }
    const slot = await gates.slot(message.laneIndex);
    const made = { ...progress, attempts: attempt };
    if (slot.kind !== 'go') return notMade(message, made, attemptId);
    return makeCall(message, made, attemptId, slot.left);
  }

  async function makeCall(
    message: Message,
    progress: Progress,
    attemptId: string,
    left: () => void,
  ): Promise<Step> {
    const mayLeave = () => {
      if (over.aborted || isExpired(message.request, clock.now())) return false;
      left();
      return true;
    };
    const result = await options.call(message, progress.attempts, attemptId, mayLeave);
    const outcome = classify(result);
    const holdMs = judgeAccount(outcome);
    gates.ended();
    observe.called(message, outcome.kind, result);
    return conclude(message, progress, attemptId, outcome, holdMs);
  }

  /** What the outcome says of the account and the way to Verihubs. @returns how long nothing will be sent */
  function judgeAccount(outcome: Outcome): number {
    if (outcome.kind === 'trouble') {
      const wasOpen = circuit.open;
      const holdMs = circuit.trouble(clock.monotonic(), outcome.reason);
      gates.circuitChanged();
      if (!wasOpen) observe.circuitOpened(outcome.reason, holdMs);
      return holdMs;
    }
    if (outcome.kind === 'doubt' || outcome.kind === 'not-made') circuit.inconclusive();
    else if (circuit.fine()) {
      observe.circuitClosed();
      gates.circuitChanged();
    }
    return 0;
  }

  async function conclude(
    message: Message,
    progress: Progress,
    attemptId: string,
    outcome: Outcome,
    holdMs: number,
  ): Promise<Step> {
    const attempt = progress.attempts;
    switch (outcome.kind) {
      case 'accepted': {
        const { sessionId, httpStatus } = outcome;
        const told = await tell(message, { status: 'ACCEPTED', attempt, attemptId, sessionId, httpStatus });
        return ended(told ? 'done' : 'left');
      }
      case 'refused': {
        const { reason, httpStatus } = outcome;
        return ended(
          await settle(message, progress, { status: 'REFUSED', attempt, attemptId, reason, httpStatus }),
        );
      }
      case 'retry':
        return tryAgain(message, progress, attemptId, outcome);
      case 'trouble':
        return again(message, progress, attemptId, clock.now() + holdMs, outcome.reason, outcome.httpStatus);
      case 'not-made':
        return notMade(message, progress, attemptId);
      case 'doubt':
        return ended(await resolveDoubt(message, progress, attemptId, outcome.reason, outcome.httpStatus));
    }
  }

  async function tryAgain(
    message: Message,
    progress: Progress,
    attemptId: string,
    outcome: Extract<Outcome, { kind: 'retry' }>,
  ): Promise<Step> {
    const { reason, httpStatus, cause } = outcome;
    const now = clock.now();
    const decision = retry(cause, progress.attempts, retryAfterMs(outcome.retryAfter, now), options.random());
    if (decision.kind === 'again')
      return again(message, progress, attemptId, now + decision.afterMs, reason, httpStatus);
    const fact: Fact = { status: 'GAVE_UP', attempt: progress.attempts, attemptId, reason, httpStatus };
    return ended(await settle(message, progress, fact));
  }

  /** An attempt that was written and then surely not made must not look like one in doubt. */
  async function notMade(message: Message, progress: Progress, attemptId: string): Promise<Step> {
    if (isExpired(message.request, clock.now())) return ended(await expire(message, progress, attemptId));
    const step = await again(
      message,
      progress,
      attemptId,
      clock.now(),
      'not made: taken back before it left',
      null,
    );
    return over.aborted ? ended('left') : step;
  }

  async function again(
    message: Message,
    progress: Progress,
    attemptId: string,
    retryAt: number,
    reason: string,
    httpStatus: number | null,
  ): Promise<Step> {
    const fact: Fact = {
      status: 'RETRYING',
      attempt: progress.attempts,
      attemptId,
      retryAt,
      reason,
      httpStatus,
    };
    return (await tell(message, fact)) ? { kind: 'again', at: retryAt, progress } : ended('left');
  }

  async function resolveDoubt(
    message: Message,
    progress: Progress,
    attemptId: string,
    reason: string,
    httpStatus: number | null,
  ): Promise<Ending> {
    const id = message.request.message_id;
    if ((await ledger.evidence(id, options.doubtGraceMs, over)) === 'over') return 'left';
    const known = overtaken(message);
    if (known) return known;
    const standing = ledger.standing(id);
    if (standing.kind === 'retrying') {
      return deliver(message, { attempts: standing.attempt, doubtful: false }, standing.retryAt);
    }
    const policy = doubtPolicy(message.request, message.lane, progress.attempts);
    if (policy === 'RESEND' && !isExpired(message.request, clock.now())) {
      observe.resent(message);
      return deliver(message, { attempts: progress.attempts, doubtful: true }, 0);
    }
    const held: Fact = { status: 'IN_DOUBT', attempt: progress.attempts, attemptId, reason, httpStatus };
    return (await tell(message, held)) ? 'done' : 'left';
  }

  return {
    deliver: (message, attempts, notBefore) => deliver(message, { attempts, doubtful: false }, notBefore),
    resolveDoubt: (message, attempt, attemptId) =>
      resolveDoubt(
        message,
        { attempts: attempt, doubtful: true },
        attemptId,
        'the outcome of the attempt was not recorded',
        null,
      ),
    settleTaken,
    refuse: (message, reason) =>
      settle(
        message,
        { attempts: 0, doubtful: false },
        { status: 'REFUSED', attempt: 0, attemptId: null, reason },
      ),
    expire: (message, attempts) => expire(message, { attempts, doubtful: false }, null),
  };
}

function ended(ending: Ending): Step {
  return { kind: 'ended', ending };
}
