/**
 * The operators' word to all senders: brakes and cancellations, in the compacted topic `whatsapp.control`. A key
 * says what a record speaks of, its newest value holds, a tombstone takes it back; `docs/operations.md` has the format.
 */

/** Whether a lane is held back, or all of them. */
export interface Brake {
  readonly paused: boolean;
  /** For people. */
  readonly reason: string | null;
  /** Who said so. */
  readonly by: string | null;
}

/** Which messages are called back: those that equal all fields that are given, of which there is at least one. */
export interface CancelMatch {
  readonly message_id?: string;
  readonly source?: string;
  readonly template?: string;
  readonly lane?: string;
}

/** Calls back what is queued: it ends `CANCELLED` when it would have been sent. */
export interface Cancellation {
  readonly match: CancelMatch;
  /**
   * It holds for messages whose record was appended to the lane at or before this moment, in ms since the epoch;
   * null for the moment at which the cancellation itself was appended.
   */
  readonly until: number | null;
  readonly reason: string | null;
  readonly by: string | null;
}

/** What one record of the topic changes; null takes back what was said before. */
export type ControlChange =
  | { readonly kind: 'brake'; readonly lane: string; readonly brake: Brake | null }
  | { readonly kind: 'cancellation'; readonly id: string; readonly cancellation: Cancellation | null };

/** Why a record is passed over. `text` is for people and quotes nothing of the record. */
export interface NotControl {
  readonly ok: false;
  readonly code: 'UNKNOWN_KEY' | 'NOT_JSON' | 'NEWER_VERSION' | 'MALFORMED';
  readonly text: string;
}

export type DecodedControl = { readonly ok: true; readonly change: ControlChange } | NotControl;

/** In the place of a lane's name: all of them. */
export const ALL_LANES = '*';

const VERSION = 1;
const MATCH_FIELDS: readonly string[] = [
  'message_id',
  'source',
  'template',
  'lane',
] satisfies (keyof CancelMatch)[];
const BRAKE_FIELDS: readonly string[] = ['v', 'paused', 'reason', 'by'];
const CANCELLATION_FIELDS: readonly string[] = ['v', 'match', 'until', 'reason', 'by'];

/**
 * What can be a phone number: nine digits or more together, a `+` and seven or more whatever is put between them, or
 * groups as they are written at home, `0812-3456-7890`. A date is none.
 */
const PHONE_NUMBER = /\d{9,}|\+(?:[\s().-]{0,2}\d){7,}|\b0\d{2,3}(?:[\s-]?\d{3,5}){2}\b/g;
const MASK = '…';

/** Whether a text for people holds what may be a phone number: such a text has no place in the topic. */
export function holdsPhoneNumber(text: string): boolean {
  return text.search(PHONE_NUMBER) >= 0;
}

/** @returns key and value of the record to write */
export function encodeControl(change: ControlChange): {
  readonly key: string;
  readonly value: Buffer | null;
} {
  const [key, said] =
    change.kind === 'brake'
      ? [`brake:${change.lane}`, change.brake]
      : [`cancel:${change.id}`, change.cancellation];
  return { key, value: said === null ? null : Buffer.from(JSON.stringify({ v: VERSION, ...said })) };
}

/**
 * Never throws. What is not understood whole is passed over: a field that is not known could narrow what a
 * cancellation means, and to leave it out would call back more than was asked for.
 */
export function decodeControl(key: Buffer | string | null, value: Buffer | null): DecodedControl {
  const [, kind, name] = /^(brake|cancel):(.+)$/s.exec(key?.toString() ?? '') ?? [];
  if (name === undefined) return refused('UNKNOWN_KEY', 'The key is neither brake:<lane> nor cancel:<id>');
  if (value === null) {
    return {
      ok: true,
      change:
        kind === 'brake'
          ? { kind: 'brake', lane: name, brake: null }
          : { kind: 'cancellation', id: name, cancellation: null },
    };
  }
  const fields = fieldsOf(value);
  if (fields === null) return refused('NOT_JSON', 'The value is no JSON object');
  if (typeof fields['v'] === 'number' && fields['v'] > VERSION)
    return refused('NEWER_VERSION', 'The value was written by a newer version');
  return kind === 'brake' ? decodeBrake(name, fields) : decodeCancellation(name, fields);
}

/** What a cancellation looks at. */
export interface Cancellable {
  readonly messageId: string;
  readonly source: string;
  /** The template's name; null where there is none. */
  readonly template: string | null;
  /** The lane's name. */
  readonly lane: string;
  /** When its record was appended to the lane, in ms since the epoch. */
  readonly appendedAt: number;
}

/**
 * Whether a cancellation holds for a message.
 * @param until its own, or where that is null the time at which it was appended
 */
export function isCalledBack(match: CancelMatch, until: number, message: Cancellable): boolean {
  return (
    message.appendedAt <= until &&
    (match.message_id ?? message.messageId) === message.messageId &&
    (match.source ?? message.source) === message.source &&
    (match.template ?? message.template) === message.template &&
    (match.lane ?? message.lane) === message.lane
  );
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: Buffer): Fields | null {
  try {
    return asFields(JSON.parse(value.toString()));
  } catch {
    return null;
  }
}

function asFields(value: unknown): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value));
}

function refused(code: NotControl['code'], text: string): NotControl {
  return { ok: false, code, text };
}

function decodeBrake(lane: string, fields: Fields): DecodedControl {
  const { v, paused } = fields;
  const said = wordsOf(fields);
  if (v !== VERSION || typeof paused !== 'boolean' || said === null || !hasOnly(fields, BRAKE_FIELDS))
    return refused('MALFORMED', 'The value is no brake of version 1');
  return { ok: true, change: { kind: 'brake', lane, brake: { paused, ...said } } };
}

function decodeCancellation(id: string, fields: Fields): DecodedControl {
  const { v, until = null } = fields;
  const said = wordsOf(fields);
  const match = matchOf(fields['match']);
  const untilFits = until === null || (typeof until === 'number' && Number.isSafeInteger(until));
  if (v !== VERSION || said === null || !match || !untilFits || !hasOnly(fields, CANCELLATION_FIELDS))
    return refused('MALFORMED', 'The value is no cancellation of version 1');
  return { ok: true, change: { kind: 'cancellation', id, cancellation: { match, until, ...said } } };
}

/** What somebody else may have written for people is kept without what could be a phone number: it is shown and told. */
function wordsOf({ reason = null, by = null }: Fields): Pick<Brake, 'reason' | 'by'> | null {
  const masked = (text: string | null) => text?.replaceAll(PHONE_NUMBER, MASK) ?? null;
  return isWord(reason) && isWord(by) ? { reason: masked(reason), by: masked(by) } : null;
}

function isWord(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function matchOf(value: unknown): CancelMatch | null {
  const given = Object.entries(asFields(value) ?? {});
  const texts = given.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const known = texts.every(([name]) => MATCH_FIELDS.includes(name));
  return known && texts.length > 0 && texts.length === given.length ? Object.fromEntries(texts) : null;
}

function hasOnly(fields: Fields, known: readonly string[]): boolean {
  return Object.keys(fields).every((name) => known.includes(name));
}
