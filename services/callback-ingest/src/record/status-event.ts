import type { Headers } from '@whatsapp-stream/kafka';
import {
  callbackEventId,
  cloudEventHeaders,
  newStatusEvent,
  STATUSES,
  type StatusEvent,
  statusOfCode,
} from '@whatsapp-stream/schemas';
import type { Caller } from '../authenticate.ts';
import type { CallbackFields } from '../decode.ts';

/** A callback that is understood, and who made it. */
export interface KnownCallback extends CallbackFields {
  readonly caller: Caller;
}

/** A status event as a record of the status topic, but for its encoding. */
export interface KeyedStatusEvent {
  /** The message's id; the session's where the message is not known. */
  readonly key: string;
  readonly event: StatusEvent;
  readonly headers: Headers;
}

/** @returns the `event_id` of what a callback tells: the same however often it comes, and wherever it was kept */
export function eventIdOfCallback({ caller, sessionId, code }: KnownCallback): string {
  const { messageId = null, attemptId = null } = caller.signed ? caller.claims : {};
  return callbackEventId({ messageId, attemptId, sessionId, code });
}

const SOURCE = '/whatsapp-stream/callback-ingest';

/**
 * The status event that a callback tells: the same `event_id` for the same callback, however often it comes.
 * The message is known by the token alone; what the token does not say (lane, source, template) stays null.
 */
export function statusEventOf(callback: KnownCallback, nowMs: number): KeyedStatusEvent {
  const { caller, sessionId, code } = callback;
  const claims = caller.signed ? caller.claims : null;
  const messageId = claims?.messageId ?? null;
  const attemptId = claims?.attemptId ?? null;
  const status = statusOfCode(code);
  const event = newStatusEvent({
    event_id: eventIdOfCallback(callback),
    message_id: messageId,
    session_id: sessionId,
    status,
    provider_code: code,
    origin: 'CALLBACK',
    attempt: claims?.attempt ?? 0,
    attempt_id: attemptId,
    occurred_at: nowMs,
    charged: STATUSES[status].charged,
    verified: caller.signed,
  });
  const headers = { ...cloudEventHeaders(event, SOURCE), traceparent: claims?.traceparent };
  return { key: messageId ?? sessionId, event, headers };
}
