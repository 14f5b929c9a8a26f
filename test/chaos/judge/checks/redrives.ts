import { STATUSES, tellsFailure } from '@whatsapp-stream/schemas';
import { type Attempt, type CaseFile, keyOf, type Message } from '../case-file.ts';
import type { SendRecord } from '../history.ts';
import { CLOCK_SLACK_MS, mustBeKnown } from '../known.ts';
import { shown, type Violation } from '../violation.ts';

/** What is redriven comes to an end of its own, unless the message was taken before; and then it is not called. */
export function redrivesAnswered(file: CaseFile): readonly Violation[] {
  return file.messages.flatMap((message) => [
    ...message.records.filter((record) => !answersAnEnd(file, message, record)).map(notAskedFor),
    ...lostRedrives(file, message),
    ...message.attempts.flatMap((attempt) => calledInVain(file, message, attempt)),
  ]);
}

function answersAnEnd(file: CaseFile, { id }: Message, { redriveOf, appendedAtMs }: SendRecord): boolean {
  if (redriveOf === null) return true;
  const answered = file.events.get(redriveOf);
  if (answered?.messageId !== id || !STATUSES[answered.status].closing) return false;
  return answered.appendedAtMs <= appendedAtMs + CLOCK_SLACK_MS;
}

function notAskedFor(record: SendRecord): Violation {
  return { kind: 'NOT_ASKED_FOR', text: `the redrive at ${keyOf(record)}` };
}

function lostRedrives({ deadLetters }: CaseFile, message: Message): readonly Violation[] {
  const { id, records, settlings, attempts } = message;
  const redriven = records.filter((record) => record.redriveOf !== null);
  return [...Map.groupBy(redriven, ({ redriveOf }) => redriveOf)].flatMap(
    ([redriveOf, same]): Violation[] => {
      const isEnded = settlings.some((settling) => settling.redriveOf === redriveOf);
      const isPutAside = same.some((record) => deadLetters.has(keyOf(record)));
      const [first] = same;
      const isPassedOver = attempts.some(
        (other) =>
          other.redriveOf !== redriveOf &&
          (mayBeTaken(other) || isHeardOfAfter(other, first?.appendedAtMs ?? 0)),
      );
      if (isEnded || isPutAside || isPassedOver) return [];
      return [{ kind: 'LOST', text: `${shown(id)}: its redrive at ${same.map(keyOf).join(', ')}` }];
    },
  );
}

/**
 * By what senders can know, not by what the simulator did. What a callback has told to have failed stands in the way of
 * no redrive, which most often answers just that.
 */
const mayBeTaken = ({ proofs, outcomes }: Attempt): boolean =>
  proofs.some(({ status }) => status === 'DELIVERED' || status === 'READ') ||
  (!proofs.some(({ status }) => tellsFailure(status)) &&
    (outcomes.length === 0 || proofs.length > 0 || outcomes.some(({ status }) => status === 'ACCEPTED')));

/** It was under way, or may have stood in the way then, and have failed since. */
const isHeardOfAfter = ({ proofs, outcomes }: Attempt, atMs: number): boolean =>
  [...proofs, ...outcomes].some((event) => event.appendedAtMs > atMs);

function calledInVain(file: CaseFile, { id, attempts }: Message, attempt: Attempt): readonly Violation[] {
  const [call] = attempt.calls;
  if (!call || attempt.redriveOf === null) return [];
  const atMs = attempt.attempted?.appendedAtMs ?? call.arrivedAtMs;
  const taken = attempts.find(
    (other) =>
      other.redriveOf !== attempt.redriveOf &&
      !other.proofs.some(({ status }) => tellsFailure(status)) &&
      [...other.proofs, ...other.outcomes.filter(({ status }) => status === 'ACCEPTED')].some((event) =>
        mustBeKnown(file, attempt.maker, event, atMs),
      ),
  );
  if (!taken) return [];
  const text = `${shown(id)}: redrive ${attempt.attemptId} was called although ${taken.attemptId} was known to be taken`;
  return [{ kind: 'CALLED_AFTER_WORD', text }];
}
