import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { Arrival } from '../record/arrival.ts';
import { eventIdOfCallback } from '../record/status-event.ts';

/** One callback as it stands in the spool. */
export interface Row {
  /** Of the status event that the callback tells. */
  readonly eventId: string;
  /** JSON on one line that names everything, with a checksum at its end. */
  readonly text: string;
}

/** Every row begins so, and nothing within a row does: a quotation mark within JSON's strings is escaped. */
export const ROW_PREFIX = '{"callback_event":"';
const CHECK = ',"crc32":"';
/** What stands after `CHECK`: eight hexadecimal digits, a quotation mark and a brace. */
const CHECK_LENGTH = 10;

/**
 * No row is longer, in bytes: a session id has at most 200 characters of 3 bytes, and what a token claims is at
 * most 675 bytes. A row of this length lies within one page of 4,096 bytes, so it can be found in a damaged file.
 */
export const MAX_ROW_BYTES = 4_000;

const signedFields = z.object({
  signed: z.literal(true),
  message_id: z.string(),
  attempt: z.int32(),
  attempt_id: z.string(),
  issued_at_ms: z.int(),
  traceparent: z.string().optional(),
});

const fields = z
  .object({
    callback_event: z.string(),
    at: z.iso.datetime(),
    session_id: z.string(),
    code: z.int32().nullable(),
  })
  .and(z.union([signedFields, z.object({ signed: z.literal(false) })]));

/** @returns the `event_id` of the status event that a callback tells */
export function eventIdOf({ callback }: Arrival): string {
  return eventIdOfCallback(callback);
}

export function rowOf(arrival: Arrival): Row {
  const { callback, atMs } = arrival;
  const { caller, sessionId, code } = callback;
  const eventId = eventIdOf(arrival);
  const told = {
    callback_event: eventId,
    at: new Date(atMs).toISOString(),
    session_id: sessionId,
    code,
    signed: caller.signed,
    ...(caller.signed && {
      message_id: caller.claims.messageId,
      attempt: caller.claims.attempt,
      attempt_id: caller.claims.attemptId,
      issued_at_ms: caller.claims.issuedAtMs,
      traceparent: caller.claims.traceparent,
    }),
  };
  const body = JSON.stringify(told).slice(0, -1);
  return { eventId, text: `${body}${CHECK}${checkOf(body)}"}` };
}

/** @returns what the row was made of, or null when it is not, byte for byte, one that `rowOf` made */
export function arrivalOf({ eventId, text }: Row): Arrival | null {
  const at = text.length - CHECK_LENGTH - CHECK.length;
  const body = text.slice(0, Math.max(at, 0));
  if (text !== `${body}${CHECK}${checkOf(body)}"}`) return null;
  const arrival = read(text);
  return arrival && eventIdOf(arrival) === eventId ? arrival : null;
}

/**
 * Looks for a row at a place where `ROW_PREFIX` stands.
 * @returns it, or null when what stands there is not a whole and undamaged row
 */
export function rowAt(bytes: Buffer, start: number): Row | null {
  const check = bytes.subarray(start, start + MAX_ROW_BYTES).indexOf(CHECK);
  if (check === -1) return null;
  const text = bytes.toString('utf8', start, start + check + CHECK.length + CHECK_LENGTH);
  const eventId = text.slice(ROW_PREFIX.length, text.indexOf('"', ROW_PREFIX.length));
  const row = { eventId, text };
  return arrivalOf(row) ? row : null;
}

function checkOf(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}

function read(text: string): Arrival | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = fields.safeParse(json);
  if (!parsed.success) return null;
  const { data } = parsed;
  const told = { sessionId: data.session_id, code: data.code };
  const atMs = Date.parse(data.at);
  if (!data.signed) return { callback: { ...told, caller: { signed: false } }, atMs };
  const claims = {
    messageId: data.message_id,
    attempt: data.attempt,
    attemptId: data.attempt_id,
    issuedAtMs: data.issued_at_ms,
    ...(data.traceparent !== undefined && { traceparent: data.traceparent }),
  };
  return { callback: { ...told, caller: { signed: true, claims } }, atMs };
}
