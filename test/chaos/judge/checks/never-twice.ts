import { type Attempt, type CaseFile, isOpenBefore, type Message } from '../case-file.ts';
import type { Arrival } from '../history.ts';
import { CLOCK_SLACK_MS, knownAtTakeOver, mustBeKnown } from '../known.ts';
import { shown, type Violation, type ViolationKind } from '../violation.ts';

/** No message is sent again while it may have been taken, but for resends out of doubt, and none that is settled. */
export function neverTwice(file: CaseFile, graceMs: (lane: string) => number): readonly Violation[] {
  return file.messages.flatMap((message) => [
    ...doubled(message),
    ...message.attempts.flatMap((attempt) => calledWrongly(file, message, attempt, graceMs(attempt.lane))),
  ]);
}

interface Taking {
  readonly attempt: Attempt;
  readonly explained: boolean;
}

/** The takings of a message beyond the first of each sending of it; a redrive that was asked for is one more sending. */
export function extraTakings({ attempts }: Message): readonly Taking[] {
  const takings = attempts
    .flatMap((attempt) => attempt.calls.filter(({ taken }) => taken).map((call) => ({ attempt, call })))
    .toSorted((a, b) => a.call.arrivedAtMs - b.call.arrivedAtMs);
  const sendings = Map.groupBy(takings, ({ attempt }) => attempt.redriveOf);
  return [...sendings.values()].flatMap((of) =>
    of.slice(1).map(({ attempt }) => ({ attempt, explained: isResend(attempt, attempts) })),
  );
}

/**
 * Whether the log shows that it was made because an earlier attempt was in doubt, and that it may be: by its own
 * record and by that of the other one, which can be another record under the same id.
 */
export function isResend(attempt: Attempt, attempts: readonly Attempt[]): boolean {
  return (
    attempt.onDoubt === 'RESEND' && openAtStart(attempt, attempts).some(({ onDoubt }) => onDoubt === 'RESEND')
  );
}

/** The other attempts of the same sending that were in doubt, as the log says, when this one was written. */
function openAtStart(attempt: Attempt, attempts: readonly Attempt[]): readonly Attempt[] {
  const { attempted, redriveOf } = attempt;
  if (attempted === null) return [];
  return attempts.filter(
    (other) => other !== attempt && other.redriveOf === redriveOf && isOpenBefore(other, attempted),
  );
}

function doubled(message: Message): readonly Violation[] {
  return extraTakings(message)
    .filter(({ explained }) => !explained)
    .map(({ attempt }) => {
      return { kind: 'DOUBLED', text: `${shown(message.id)}: attempt ${attempt.attemptId} was taken too` };
    });
}

function calledWrongly(
  file: CaseFile,
  message: Message,
  attempt: Attempt,
  graceMs: number,
): readonly Violation[] {
  const [call] = attempt.calls;
  if (!call) return [];
  const name = `${shown(message.id)}: attempt ${attempt.attemptId} was called`;
  const violation = (kind: ViolationKind, why: string): Violation => ({ kind, text: `${name} ${why}` });
  const { attempted } = attempt;

  const doubts = openAtStart(attempt, message.attempts).filter((other) =>
    mayHaveBeenTaken(file, attempt, other, call),
  );
  const isHeld = (other: Attempt) => attempt.onDoubt === 'HOLD' || other.onDoubt === 'HOLD';
  const doubt = doubts.find(isHeld);
  // The grace time begins when the call has ended, or a new active sender has found the attempt: never before it was written.
  const tooSoon = doubts.find((other) => !isHeld(other) && ageAt(other, attempt) + CLOCK_SLACK_MS < graceMs);
  const settling = settledBefore(file, message, attempt, call);
  const told = message.attempts.find(
    (other) =>
      other !== attempt &&
      other.redriveOf === attempt.redriveOf &&
      other.proofs.some((proof) =>
        mustBeKnown(file, attempt.maker, proof, attempted?.appendedAtMs ?? call.arrivedAtMs),
      ),
  );
  return [
    ...(doubt ? [violation('CALLED_IN_DOUBT', `while ${doubt.attemptId} was in doubt`)] : []),
    ...(tooSoon
      ? [violation('RESENT_TOO_SOON', `${ageAt(tooSoon, attempt)} ms after ${tooSoon.attemptId} was written`)]
      : []),
    ...(settling
      ? [
          violation(
            'CALLED_AFTER_SETTLED',
            `${call.arrivedAtMs - settling.appendedAtMs} ms after it was settled`,
          ),
        ]
      : []),
    ...(told ? [violation('CALLED_AFTER_WORD', `although ${told.attemptId} was known to be taken`)] : []),
  ];
}

const ageAt = (earlier: Attempt, later: Attempt): number =>
  (later.attempted?.appendedAtMs ?? 0) - (earlier.attempted?.appendedAtMs ?? 0);

/**
 * Whether an attempt in doubt can have been taken, as far as the maker of a later one could know. A replica that lost
 * its turn may still write an attempt which the new one does not hear of, and then does not call: that one is no doubt.
 */
function mayHaveBeenTaken(file: CaseFile, later: Attempt, open: Attempt, call: Arrival): boolean {
  if (open.maker === later.maker) return true;
  if (open.calls.some(({ arrivedAtMs }) => arrivedAtMs < call.arrivedAtMs)) return true;
  return open.attempted !== null && knownAtTakeOver(file, later.maker, open.attempted);
}

/**
 * The event that had settled the message when the call was made: by another attempt, by none, or by this one, which
 * another replica had found in doubt.
 */
function settledBefore(file: CaseFile, message: Message, attempt: Attempt, call: Arrival) {
  const { maker, attemptId, redriveOf } = attempt;
  const isOwn = (other: string | null) =>
    message.attempts.some((one) => one.attemptId === other && one.maker === maker);
  return message.settlings
    .filter((settling) => settling.redriveOf === redriveOf)
    .map(({ event }) => event)
    .find((event) =>
      event.attemptId === attemptId || isOwn(event.attemptId)
        ? event.appendedAtMs + CLOCK_SLACK_MS < call.arrivedAtMs
        : mustBeKnown(file, maker, event, call.arrivedAtMs),
    );
}
