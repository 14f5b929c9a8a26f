import type { Attempt, CaseFile, Message } from '../case-file.ts';
import { CLOCK_SLACK_MS } from '../known.ts';
import { at, shown, type Violation } from '../violation.ts';

/** Each call is of an attempt that was in the log before, and of one that was not called yet. */
export function writtenAhead(file: CaseFile): readonly Violation[] {
  const unnamed = file.history.arrivals
    .filter(({ taken, call }) => taken && call === null)
    .map(({ arrivedAtMs }): Violation => ({ kind: 'UNNAMED', text: `a request at ${at(arrivedAtMs)}` }));
  return [
    ...unnamed,
    ...file.messages.flatMap((message) => message.attempts.flatMap((attempt) => check(message, attempt))),
  ];
}

function check({ id }: Message, { attemptId, attempted, calls }: Attempt): readonly Violation[] {
  const [first] = calls;
  if (!first) return [];
  const name = `${shown(id)}: attempt ${attemptId}`;
  const violations: Violation[] = [];
  if (attempted === null) {
    violations.push({ kind: 'NOT_WRITTEN_AHEAD', text: `${name} is not in the log` });
  } else if (attempted.appendedAtMs > first.arrivedAtMs + CLOCK_SLACK_MS) {
    const lateMs = attempted.appendedAtMs - first.arrivedAtMs;
    violations.push({ kind: 'NOT_WRITTEN_AHEAD', text: `${name} was written ${lateMs} ms after its call` });
  }
  if (calls.length > 1)
    violations.push({ kind: 'CALLED_TWICE', text: `${name} was called ${calls.length} times` });
  return violations;
}
