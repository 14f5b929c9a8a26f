/** What of a request may carry the fields of a callback, as it came. */
export interface RawCallback {
  /** The URL's text after the question mark. */
  readonly query: string;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
}

/** What Verihubs tells by a callback. */
export interface CallbackFields {
  readonly sessionId: string;
  /** Verihubs' number of the status, known to us or not; null for a number that is no code (2.5, 99999999999). */
  readonly code: number | null;
}

export type MalformedReason =
  | 'BODY_UNREADABLE'
  | 'BODY_TYPE_UNSUPPORTED'
  | 'SESSION_ID_MISSING'
  | 'SESSION_ID_INVALID'
  | 'STATUS_MISSING'
  | 'STATUS_INVALID';

export type Decoded =
  | ({ readonly ok: true } & CallbackFields)
  | { readonly ok: false; readonly reason: MalformedReason };

/** All values that a name has, in their order. */
type Lookup = (name: string) => readonly unknown[];

type Body =
  | { readonly ok: true; readonly lookup: Lookup }
  | { readonly ok: false; readonly reason: MalformedReason };

const MAX_SESSION_ID_LENGTH = 200;
/** Control characters, line and paragraph separators, and halves of surrogate pairs. */
const NOT_IN_SESSION_ID = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
/** Decimal, as JSON has it, with more freedom: a plus, zeros in front, a point at either end. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Reads a callback leniently, because neither its method nor its form is documented and it may never come
 * again: from the query, a form, or a JSON object; numbers or their text. Of repeated fields the first that
 * is not empty counts (of a key that a JSON object has twice, the last), the query before the body; a body is
 * looked at only for what the query lacks. What else is in there is ignored. Never throws.
 */
export function decode(callback: RawCallback): Decoded {
  const query = lookupInForm(callback.query);
  let sessionId = firstGiven(query('session_id'));
  let status = firstGiven(query('status'));
  if (sessionId === undefined || status === undefined) {
    const body = readBody(callback);
    if (!body.ok) return body;
    sessionId ??= firstGiven(body.lookup('session_id'));
    status ??= firstGiven(body.lookup('status'));
  }
  return check(sessionId, status);
}

function check(givenId: unknown, givenStatus: unknown): Decoded {
  if (givenId === undefined) return { ok: false, reason: 'SESSION_ID_MISSING' };
  const sessionId = sessionIdOf(givenId);
  if (sessionId === undefined) return { ok: false, reason: 'SESSION_ID_INVALID' };
  if (givenStatus === undefined) return { ok: false, reason: 'STATUS_MISSING' };
  const code = codeOf(givenStatus);
  if (code === undefined) return { ok: false, reason: 'STATUS_INVALID' };
  return { ok: true, sessionId, code };
}

function readBody({ contentType, body: given = '' }: RawCallback): Body {
  // Some clients end a form with a line break or begin JSON with a byte order mark: `trim` takes both away.
  const body = given.trim();
  if (body === '') return { ok: true, lookup: () => [] };
  switch (formatOf(contentType, body)) {
    case 'form':
      return { ok: true, lookup: lookupInForm(body) };
    case 'json':
      return lookupInJson(body);
    case 'unsupported':
      return { ok: false, reason: 'BODY_TYPE_UNSUPPORTED' };
  }
}

function formatOf(contentType: string | undefined, body: string): 'form' | 'json' | 'unsupported' {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === 'application/x-www-form-urlencoded') return 'form';
  if (/^application\/(?:[^/]+\+)?json$/.test(mediaType)) return 'json';
  if (mediaType === '' || mediaType === 'text/plain') return body.startsWith('{') ? 'json' : 'form';
  return 'unsupported';
}

function lookupInForm(text: string): Lookup {
  const parameters = new URLSearchParams(text);
  return (name) => parameters.getAll(name);
}

function lookupInJson(text: string): Body {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'BODY_UNREADABLE' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { ok: false, reason: 'BODY_UNREADABLE' };
  }
  const fields = new Map<string, unknown>(Object.entries(parsed));
  return { ok: true, lookup: (name) => [fields.get(name)].flat() };
}

function firstGiven(values: readonly unknown[]): unknown {
  return values.find((value) => {
    if (typeof value === 'string') return value.trim() !== '';
    return value !== null && value !== undefined;
  });
}

/** Not necessarily a UUID; a number is taken for its digits. */
function sessionIdOf(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || text.length > MAX_SESSION_ID_LENGTH) return undefined;
  return NOT_IN_SESSION_ID.test(text) ? undefined : text;
}

/**
 * The code that a number or its text names: a whole number that fits Avro's `int`, however it is written.
 * @returns null for another number, undefined for what is none
 */
function codeOf(value: unknown): number | null | undefined {
  const number = typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number') return undefined;
  const int = number | 0;
  return int === number ? int : null;
}
