/**
 * Causes for which a message that was surely not taken, or that a callback says will not arrive, is tried again.
 * `rate-limited`: HTTP 429. `unavailable`: HTTP 503 with a Retry-After. `rejected`: a callback with status 8, or
 * another one of `RETRY_CALLBACKS`.
 */
export type RetryCause = 'rate-limited' | 'unavailable' | 'rejected';

export interface RetryRule {
  /** Attempts in all that may end so, the first one included; then the message is not tried again. */
  readonly maxAttempts: number;
  /** The back-off after the first one; it doubles up to `maxMs`. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The README's table is made from this. */
export const RETRY_RULES: Readonly<Record<RetryCause, RetryRule>> = {
  'rate-limited': { maxAttempts: 20, firstMs: 1_000, maxMs: 30_000 },
  unavailable: { maxAttempts: 20, firstMs: 1_000, maxMs: 60_000 },
  rejected: { maxAttempts: 5, firstMs: 5_000, maxMs: 60_000 },
};

/** Lanes with rules of their own: a code that comes a minute late is no code. */
export const RETRY_RULES_OF_LANES: Readonly<Record<string, Readonly<Record<RetryCause, RetryRule>>>> = {
  otp: {
    'rate-limited': { maxAttempts: 20, firstMs: 500, maxMs: 5_000 },
    unavailable: { maxAttempts: 20, firstMs: 500, maxMs: 10_000 },
    rejected: { maxAttempts: 5, firstMs: 1_000, maxMs: 10_000 },
  },
};

/** A Retry-After of a year, or nonsense, must not park a message for ever. */
const LONGEST_RETRY_AFTER_MS = 10 * 60_000;

export type RetryDecision =
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'give-up' };

export interface FailedAttempt {
  readonly cause: RetryCause;
  readonly lane: string;
  /** How many attempts of the message have ended so, this one included. */
  readonly attempt: number;
  /** What the answer asked for. */
  readonly retryAfterMs: number | null;
}

/**
 * How long a message waits for its next attempt: doubling from `firstMs`, the upper half of it random so that
 * messages that failed together do not come back together, and never sooner than Retry-After asks.
 * @param random from 0 up to, not including, 1
 */
export function retry({ cause, lane, attempt, retryAfterMs }: FailedAttempt, random: number): RetryDecision {
  const { maxAttempts, firstMs, maxMs } = (RETRY_RULES_OF_LANES[lane] ?? RETRY_RULES)[cause];
  if (attempt >= maxAttempts) return { kind: 'give-up' };
  const backOffMs = Math.min(firstMs * 2 ** (attempt - 1), maxMs);
  const jittered = backOffMs / 2 + (backOffMs / 2) * random;
  return { kind: 'again', afterMs: Math.round(Math.max(jittered, retryAfterMs ?? 0)) };
}

/**
 * Reads a Retry-After header (RFC 9110, 10.2.3): seconds or an HTTP date.
 * @returns ms from `now`, at most ten minutes; null where there is none or it makes no sense
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : httpDate(header) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}

/** `Date.parse` takes nearly anything for a date (`-3` for one in 2001): only what starts with a weekday is. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
}
