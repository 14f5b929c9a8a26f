import type { StatusEvent } from '@whatsapp-stream/schemas';
import { EXIT } from '@whatsapp-stream/service-kit';
import { CommandError } from './command.ts';

/** What lists show of a UUID. */
const SHORT_ID = /^[0-9a-f]{8}$/;

/**
 * Tells whether an event is of the message with this id, or, as lists show no more of a UUID, of the one message
 * whose UUID begins with these eight characters.
 * @returns a test for the events of a log in their order; it throws a CommandError (64) when it meets a second
 *   message that fits
 */
export function ofMessage(id: string): (event: Pick<StatusEvent, 'message_id'>) => boolean {
  if (!SHORT_ID.test(id)) return ({ message_id }) => message_id === id;
  let whole: string | undefined;
  return ({ message_id }) => {
    if (message_id === null || (message_id !== id && !message_id.startsWith(`${id}-`))) return false;
    whole ??= message_id;
    if (message_id === whole) return true;
    throw new CommandError(
      `several messages begin with ${id}: ${whole} and ${message_id}. Give the whole id.`,
      EXIT.usage,
    );
  };
}
