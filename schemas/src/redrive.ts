import { hash } from 'node:crypto';

/** The `event_id` of the closing event that a redriven request answers. */
export const REDRIVE_OF_HEADER = 'redrive_of';
/** Attempts that were made before. */
export const REDRIVE_ATTEMPTS_HEADER = 'redrive_attempts';
/** Ours alone, optional: not to be sent before this moment, in ms since the epoch. */
export const REDRIVE_NOT_BEFORE_HEADER = 'redrive_not_before';

/** What makes a send request the redrive of one that came before. */
export interface Redrive {
  /** The `event_id` that it answers: of one pair with a `message_id` at most one is sent. */
  readonly of: string;
  /** Attempts made before: it goes on counting from there. */
  readonly attempts: number;
  /** ms since the epoch; null where it may be sent at once. */
  readonly notBeforeMs: number | null;
}

type Headers = Readonly<Record<string, string | undefined>>;

/** The headers to add to those of the request. */
export function redriveHeaders(redrive: {
  readonly of: string;
  readonly attempts: number;
  readonly notBeforeMs?: number | null;
}): Readonly<Record<string, string>> {
  const { of, attempts, notBeforeMs = null } = redrive;
  return {
    [REDRIVE_OF_HEADER]: of,
    [REDRIVE_ATTEMPTS_HEADER]: String(attempts),
    ...(notBeforeMs === null ? {} : { [REDRIVE_NOT_BEFORE_HEADER]: String(notBeforeMs) }),
  };
}

/** @returns null for a request that is no redrive; a number that makes no sense is taken as not given */
export function readRedriveHeaders(headers: Headers): Redrive | null {
  const of = headers[REDRIVE_OF_HEADER];
  if (of === undefined || of === '') return null;
  return {
    of,
    attempts: wholeNumber(headers[REDRIVE_ATTEMPTS_HEADER], MAX_ATTEMPTS) ?? 0,
    notBeforeMs: wholeNumber(headers[REDRIVE_NOT_BEFORE_HEADER], Number.MAX_SAFE_INTEGER),
  };
}

/** Attempts are an Avro int; nobody counts so far. */
const MAX_ATTEMPTS = 1_000_000;

function wholeNumber(text: string | undefined, max: number): number | null {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return null;
  const number = Number(text);
  return number <= max ? number : null;
}

const SUFFIX_CHARACTERS = 8;

/** Tells the redrives of one message apart, in short: 8 characters of `A-Z a-z 0-9 _ -`. */
export function redriveSuffix(of: string): string {
  return hash('sha256', of, 'base64url').slice(0, SUFFIX_CHARACTERS);
}

/**
 * What is sent at most once: a message, or one redrive of it.
 * @param of null for the message itself
 */
export function redriveUnit(messageId: string, of: string | null): string {
  return of === null ? messageId : `${messageId} ${redriveSuffix(of)}`;
}
