/** Causes for which a message that was surely not taken is tried again. */
export type RetryCause = 'rate-limited' | 'unavailable';

export interface RetryRule {
  /** Attempts in all, the first one included; then the message ends as GAVE_UP. */
  readonly maxAttempts: number;
  readonly firstMs: number;
  readonly maxMs: number;
}

export const RETRY_RULES: Readonly<Record<RetryCause, RetryRule>> = {
  'rate-limited': { maxAttempts: 20, firstMs: 1_000, maxMs: 30_000 },
  unavailable: { maxAttempts: 20, firstMs: 1_000, maxMs: 60_000 },
};

/** A Retry-After of a year, or nonsense, must not park a message for ever. */
const LONGEST_RETRY_AFTER_MS = 10 * 60_000;

export type RetryDecision =
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'give-up' };

/**
 * How long a message waits for its next attempt: doubling from `firstMs`, the upper half of it random so that
 * messages that failed together do not come back together, and never sooner than Retry-After asks.
 * @param attempt the number of the attempt that failed, from 1
 * @param random from 0 up to, not including, 1
 */
export function retry(
  cause: RetryCause,
  attempt: number,
  retryAfterMs: number | null,
  random: number,
): RetryDecision {
  const { maxAttempts, firstMs, maxMs } = RETRY_RULES[cause];
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
