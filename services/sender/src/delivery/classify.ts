import type { CallResult } from './call.ts';

/** What an answer means for the message, or for all of them. */
export type Outcome =
  /** Verihubs has taken it. */
  | { readonly kind: 'accepted'; readonly sessionId: string; readonly httpStatus: number }
  /** Verihubs will never take this message. */
  | { readonly kind: 'refused'; readonly reason: string; readonly httpStatus: number }
  /** Surely not taken, and worth trying again: too fast, or the provider asks for time. */
  | {
      readonly kind: 'retry';
      readonly cause: 'rate-limited' | 'unavailable';
      readonly reason: string;
      readonly httpStatus: number;
      readonly retryAfter: string | null;
    }
  /** Surely not taken, and no other message would be: the account, the set-up or the way to Verihubs. */
  | { readonly kind: 'trouble'; readonly reason: string; readonly httpStatus: number | null }
  /** It cannot be known whether it was taken. */
  | { readonly kind: 'doubt'; readonly reason: string; readonly httpStatus: number | null }
  /** We took it back before it left. */
  | { readonly kind: 'not-made' };

/**
 * Reads the answer of "Send WhatsApp Message V2". 201 is accepted; 400 and 409 are about the message; 401,
 * 403 and every other 4xx (a wrong base URL answers 404) or redirect are about the account or the set-up; 429,
 * and 503 with a Retry-After, say that nothing was taken. Everything else leaves it open.
 */
export function classify(result: CallResult): Outcome {
  switch (result.kind) {
    case 'not-sent':
      if (result.cause === 'withdrawn') return { kind: 'not-made' };
      return { kind: 'trouble', reason: `no connection to Verihubs (${result.why})`, httpStatus: null };
    case 'no-answer':
      return { kind: 'doubt', reason: `no answer (${result.why})`, httpStatus: null };
    case 'answered':
      return classifyAnswer(result);
  }
}

function classifyAnswer({
  httpStatus,
  body,
  retryAfter,
}: Extract<CallResult, { kind: 'answered' }>): Outcome {
  if (httpStatus >= 200 && httpStatus < 300) {
    const sessionId = sessionIdOf(body);
    if (sessionId !== null) return { kind: 'accepted', sessionId, httpStatus };
    return { kind: 'doubt', reason: `HTTP ${httpStatus} without a session id`, httpStatus };
  }
  switch (httpStatus) {
    case 400:
      return { kind: 'refused', reason: 'Verihubs: validation error (HTTP 400)', httpStatus };
    case 409:
      return { kind: 'refused', reason: 'Verihubs: recipient has been blocked (HTTP 409)', httpStatus };
    case 401:
      return {
        kind: 'trouble',
        reason: 'authorization failed (HTTP 401): check VERIHUBS_APP_ID and VERIHUBS_API_KEY',
        httpStatus,
      };
    case 403:
      return { kind: 'trouble', reason: 'quota insufficient (HTTP 403): top up the account', httpStatus };
    case 429:
      return {
        kind: 'retry',
        cause: 'rate-limited',
        reason: 'too many requests (HTTP 429)',
        httpStatus,
        retryAfter,
      };
    case 503:
      if (retryAfter !== null) {
        return {
          kind: 'retry',
          cause: 'unavailable',
          reason: 'unavailable (HTTP 503)',
          httpStatus,
          retryAfter,
        };
      }
      break;
  }
  if (httpStatus >= 300 && httpStatus < 500) {
    return {
      kind: 'trouble',
      reason: `an answer that is not documented (HTTP ${httpStatus}): check VERIHUBS_BASE_URL`,
      httpStatus,
    };
  }
  return { kind: 'doubt', reason: `HTTP ${httpStatus}`, httpStatus };
}

/** Error texts of Verihubs can hold the phone number: nothing but the session id is taken from a body. */
function sessionIdOf(body: string | null): string | null {
  if (body === null) return null;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || !('session_id' in parsed)) return null;
    const { session_id: sessionId } = parsed;
    return typeof sessionId === 'string' && /^[\w.:-]{1,200}$/.test(sessionId) ? sessionId : null;
  } catch {
    return null;
  }
}
