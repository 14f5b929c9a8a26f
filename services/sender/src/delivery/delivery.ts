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
import { createStillOurs } from './still-ours.ts';
import { createUncalled, type Objection } from './uncalled.ts';
import { createWaits, type WaitsOptions } from './waits.ts';

export interface DeliveryOptions extends WaitsOptions {
  readonly gates: Gates;
  readonly circuit: Circuit;
  readonly ledger: Pick<Ledger, 'standing' | 'evidence' | 'mayBeTaken'>;
  readonly tell: Tell;
  /** Why the message is not to be sent any more, whatever is known of its attempts; null while it is. */
  readonly objection: (message: Message) => Objection | null;
  /** One HTTP request; `mayLeave` is asked right before its first byte. */
  readonly call: (
    message: Message,
    attempt: number,
    attemptId: string,
    mayLeave: () => boolean,
  ) => Promise<CallResult>;
  /** Names an attempt for ever: its number, the process that makes it, and the redrive if it is one. */
  readonly attemptId: (message: Message, attempt: number) => string;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly observe: DeliveryObserver;
}

/** What operators, the pace and the list of blocked recipients may want to know. */
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

export function createDelivery(options: DeliveryOptions): Rooms['delivery'] {
  const { gates, ledger, over, clock, observe } = options;
  const { pause, surelyActive, graceIsOver } = createWaits(options);
  const tell: Tell = (message, fact) => {
    message.place.at('write');
    return options.tell(message, fact);
  };
  const settling = createSettling(tell, ledger, clock);
  const { object, expire } = createUncalled(settling, surelyActive);
  const { isOurs, redriveIsInVain } = createStillOurs(ledger);
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

  /**
   * What has come to be known, or to pass, while the message waited.
   * @returns how it goes on then; null if it is still to be sent
   */
  function overtaken(
    message: Message,
    progress: Progress,
    attemptId: string | null,
  ): (() => Promise<Ending>) | null {
    const standing = ledger.standing(message.unit);
    if (standing.kind === 'settled') return () => settling.passOver(message);
    if (standing.kind === 'taken')
      return () => settling.acceptTaken(message, standing.attempt, standing.attemptId);
    if (standing.kind === 'doubt' && standing.doubts > progress.doubts) {
      const { redrive } = message;
      const attempt = { message, progress: progressOf(standing, redrive), attemptId: standing.attemptId };
      return () => resolveDoubt(attempt, 'the outcome of another attempt was not recorded', null);
    }
    if (redriveIsInVain(message)) return () => settling.passOver(message);
    if (isExpired(message.request, clock.now())) return () => expire(message, progress, attemptId);
    const objection = options.objection(message);
    return objection && (() => object(message, progress, attemptId, objection));
  }

  const stillToBeMade = (message: Message, progress: Progress) =>
    isOurs(message, progress) &&
    !isExpired(message.request, clock.now()) &&
    options.objection(message) === null;

  /** It has waited for its turn in vain; by word that came meanwhile it may not be for us to end it any more. */
  async function expireWaiting(message: Message, progress: Progress): Promise<Ending> {
    const goesOn = overtaken(message, progress, null);
    return goesOn ? goesOn() : expire(message, progress, null);
  }

  async function attemptOnce(message: Message, before: Progress): Promise<Step> {
    message.place.at('turn');
    const turn = await gates.turn({
      lane: message.laneIndex,
      source: message.request.source,
      again: before.attempts > (message.redrive?.attempts ?? 0),
      isExpired: () => isExpired(message.request, clock.now()),
    });
    if (turn === 'over') return ended('left');
    if (turn === 'expired') return ended(await expireWaiting(message, before));
    const progress = { ...before, attempts: before.attempts + 1 };
    const attempt: Attempt = { message, progress, attemptId: options.attemptId(message, progress.attempts) };
    const goesOn = overtaken(message, before, null);
    let written = false;
    try {
      if (!goesOn) written = await tell(message, { ...of(attempt), status: 'ATTEMPTED' });
    } finally {
      if (!written) gates.giveBack(message.laneIndex);
    }
    if (goesOn) return ended(await goesOn());
    if (!written) return ended('left');
    message.place.at('slot');
    const slot = await gates.slot(message.laneIndex);
    return slot.kind === 'go' ? makeCall(attempt, slot.leave, slot.probe) : notMade(attempt);
  }

  async function makeCall(attempt: Attempt, leave: () => boolean, probe: boolean): Promise<Step> {
    const { message, progress, attemptId } = attempt;
    const mayLeave = () => !over.aborted && options.isActive() && stillToBeMade(message, progress) && leave();
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
    const decision = retry(
      { cause, lane: attempt.message.lane, attempt: progress.putOff, retryAfterMs: asked },
      options.random(),
    );
    if (decision.kind === 'again') return again(attempt, decision.afterMs, reason, httpStatus);
    const fact = { ...of(attempt), status: 'GAVE_UP', reason, httpStatus } as const;
    return ended(await settling.end(attempt.message, progress, fact));
  }

  /** An attempt that was written and then surely not made must not look like one in doubt. */
  async function notMade(attempt: Attempt): Promise<Step> {
    const { message, progress, attemptId } = attempt;
    const standing = ledger.standing(message.unit);
    // Without a word of this attempt, which would outrank what settled the message, or the attempt that was taken.
    if (standing.kind === 'settled') return ended(await settling.passOver(message));
    if (standing.kind === 'taken')
      return ended(await settling.acceptTaken(message, standing.attempt, standing.attemptId));
    const isOver = isExpired(message.request, clock.now());
    if (isOver && options.isActive() && isOurs(message, progress)) {
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
    const { message } = attempt;
    if (!(await graceIsOver(message))) return 'left';
    // Before it is looked at, since word can come while the lease is waited for.
    if (ledger.standing(message.unit).kind === 'doubt' && !(await surelyActive(message))) return 'left';
    const standing = ledger.standing(message.unit);
    if (standing.kind === 'retrying') {
      return deliver(message, progressOf(standing, message.redrive), retryWaitMs(standing, clock.now()));
    }
    const goesOn = overtaken(message, attempt.progress, attempt.attemptId);
    if (goesOn) return goesOn();
    // Of several attempts in doubt some may have been found out: what remains is spoken of.
    const { progress, attemptId, lane } =
      standing.kind === 'doubt'
        ? { ...standing, progress: progressOf(standing, message.redrive) }
        : { ...attempt, lane: null };
    const doubt = { doubts: progress.doubts, attemptedIn: lane };
    if (doubtPolicy(message.request, message.lane, doubt) === 'RESEND') {
      observe.resent(message);
      return deliver(message, progress, 0);
    }
    const fact = { attempt: progress.attempts, attemptId, status: 'IN_DOUBT', reason, httpStatus } as const;
    return settling.end(message, progress, fact);
  }

  return {
    deliver,
    resolveDoubt: (message, progress, attemptId) =>
      resolveDoubt({ message, progress, attemptId }, 'the outcome of the attempt was not recorded', null),
    settleTaken: settling.acceptTaken,
    refuse: (message, attempts, reason) =>
      object(message, { ...NOTHING_MADE, attempts }, null, { kind: 'refuse', reason }),
    cancel: (message, attempts, reason) =>
      object(message, { ...NOTHING_MADE, attempts }, null, { kind: 'cancel', reason }),
    expire: (message, attempts) => expire(message, { ...NOTHING_MADE, attempts }, null),
  };
}

/** What every event of an attempt says. */
function of({ progress, attemptId }: Attempt): { readonly attempt: number; readonly attemptId: string } {
  return { attempt: progress.attempts, attemptId };
}

function ended(ending: Ending): Step {
  return { kind: 'ended', ending };
}
