import type { CaseFile } from '../case-file.ts';
import { shown, type Violation } from '../violation.ts';

/** Every callback that was answered 200 is in the status log. */
export function callbacksKept({ history, events }: CaseFile): readonly Violation[] {
  return history.acknowledged
    .filter(({ eventId }) => !events.has(eventId))
    .map(({ messageId, code }): Violation => {
      return { kind: 'CALLBACK_LOST', text: `${shown(messageId)}: a callback with status ${code}` };
    });
}
