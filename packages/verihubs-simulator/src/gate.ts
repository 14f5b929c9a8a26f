import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { SimulatorClock } from './clock.ts';
import { type Decision, refuse } from './decide.ts';
import { retryAfter } from './retry-after.ts';
import type { SlidingWindow } from './window.ts';

export const SEND_PATH = '/v2/whatsapp/message/send';

export type Credentials = { readonly appId: string; readonly apiKey: string };

/** What is known of a request by its head alone. */
export type Admission = {
  /** Why it is refused already; null while nothing speaks against it. */
  readonly refusal: Decision | null;
  /** What the rate limit said; null when it was not asked. */
  readonly withinLimit: boolean | null;
};

function equal(given: string | string[] | undefined, expected: string): boolean {
  const left = Buffer.from(String(given ?? ''));
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Judges path, method, credentials and rate, in this order and at once, so that the limit sees arrivals in
 * their true order however slow the bodies are. Only requests with good credentials count against it.
 */
export function admit(
  request: IncomingMessage,
  receivedMs: number,
  credentials: Credentials,
  window: SlidingWindow,
  clock: Pick<SimulatorClock, 'isoTime'>,
): Admission {
  const [path, query] = (request.url ?? '').split('?', 2);
  if (path !== SEND_PATH) return { refusal: refuse(404, 'unknown path'), withinLimit: null };
  if (request.method !== 'POST') {
    return { refusal: refuse(405, 'wrong method', { headers: { allow: 'POST' } }), withinLimit: null };
  }
  const { 'app-id': appId, 'api-key': apiKey } = request.headers;
  if (!equal(appId, credentials.appId) || !equal(apiKey, credentials.apiKey)) {
    return { refusal: refuse(401, 'wrong or missing App-ID or API-Key'), withinLimit: null };
  }
  if (!window.admit(receivedMs)) {
    const { retryAfterSeconds, retryAfterAs } = window.limit();
    const header = retryAfter(retryAfterSeconds, retryAfterAs, clock.isoTime(receivedMs));
    return { refusal: refuse(429, 'over the rate limit', header), withinLimit: false };
  }
  if (query !== undefined) {
    return { refusal: invalid('the URL must have no query'), withinLimit: true };
  }
  return { refusal: null, withinLimit: true };
}

/** The refusal of a request that breaks a rule of the format. */
export const invalid = (problem: string): Decision => refuse(400, `invalid: ${problem}`, { detail: problem });
