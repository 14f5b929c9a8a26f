import { type Attempt, type CaseFile, keyOf, type Message, type Settling } from '../case-file.ts';
import { shown, type Violation } from '../violation.ts';

/**
 * A sender that refuses, expires or puts aside what it should send has settled all of it: so each end that is no
 * sending must have a cause that can be seen. What an operator calls back is not known here, so CANCELLED is believed;
 * and each recipient gets one message.
 */
export function endsWithCause(file: CaseFile): readonly Violation[] {
  return file.messages.flatMap((message) => [
    ...message.settlings
      .filter((settling) => !hasCause(message, settling))
      .map(({ event }): Violation => {
        return { kind: 'NO_CAUSE', text: `${shown(message.id)} ended as ${event.status}` };
      }),
    ...message.records
      .filter((record) => record.request?.isSound && file.deadLetters.has(keyOf(record)))
      .map((record): Violation => {
        return { kind: 'NO_CAUSE', text: `${shown(message.id)} at ${keyOf(record)} was put aside` };
      }),
  ]);
}

function hasCause({ records, attempts }: Message, { event, redriveOf }: Settling): boolean {
  // Of what nobody published another check tells.
  if (records.length === 0) return true;
  const answered = (...statuses: readonly number[]) =>
    attempts.some(({ calls }) => calls.some(({ status }) => status !== null && statuses.includes(status)));
  switch (event.status) {
    case 'REFUSED':
      return records.some(({ request }) => !request?.isSound) || answered(400, 409) || isBlocked(attempts);
    case 'EXPIRED':
      return records.some(({ request }) => request?.expires);
    case 'GAVE_UP':
      return answered(429, 503);
    case 'IN_DOUBT':
      return attempts.some((one) => one.redriveOf === redriveOf && one.attempted !== null);
    default:
      return true;
  }
}

const isBlocked = (attempts: readonly Attempt[]): boolean =>
  attempts.some(({ proofs }) => proofs.some(({ status }) => status === 'BLOCKED'));
