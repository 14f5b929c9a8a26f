import type { Headers } from '@whatsapp-stream/kafka';
import { REDRIVE_OF_HEADER, redriveUnit, type StatusEvent } from '@whatsapp-stream/schemas';

/** `<number>.<process>`, and for an attempt of a redrive `.<suffix>` behind it. */
const REDRIVEN = /^\d+\.[\w-]+\.([\w-]+)$/;

/**
 * What an event speaks of: a message, or one redrive of it. Each is sent at most once, and stands on its own in the
 * ledger. An attempt's id tells which it belongs to, so a callback does too.
 * @returns null for an event that names no message
 */
export function unitOf(event: StatusEvent, headers: Headers): string | null {
  const { message_id: id, attempt_id: attemptId } = event;
  if (id === null) return null;
  if (attemptId === null) return redriveUnit(id, headers[REDRIVE_OF_HEADER] ?? null);
  const suffix = REDRIVEN.exec(attemptId)?.[1];
  return suffix === undefined ? id : `${id} ${suffix}`;
}
