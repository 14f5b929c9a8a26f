import { type DelayRange, pickDelayMs, type Random, shuffled } from './random.ts';
import { sandboxNumber } from './sandbox.ts';

/** How a callback carries `session_id` and `status`; Verihubs documents only the query. */
export type CallbackStyle = 'get' | 'post-query' | 'post-form' | 'post-json';

export type CallbackPlan = {
  /** The codes that a message is called back with; one entry is picked for each message, by weight. */
  readonly outcomes: readonly { readonly codes: readonly number[]; readonly weight: number }[];
  /** Codes for particular numbers, before `outcomes`. */
  readonly byMsisdn: Readonly<Record<string, readonly number[]>>;
  /** Before each callback, counted from the answer, then from the end of the callback before it. */
  readonly delayMs: DelayRange;
  readonly order: 'in-order' | 'reversed' | 'shuffled';
  /** For each callback, the probability that it is made twice. */
  readonly duplicateProbability: number;
  /** For each callback, the probability that it is never made. */
  readonly lossProbability: number;
  readonly style: CallbackStyle;
  /** `before-answer`: the first callback is made, and ended, before the request is answered. */
  readonly when: 'after-answer' | 'before-answer';
  /** How often a callback that was not answered 200 is made again. Verihubs documents no retries. */
  readonly retries: number;
  readonly retryDelayMs: number;
  /** How long an answer to a callback is waited for. */
  readonly timeoutMs: number;
};

/** Sent, delivered, read; in order, each once, none lost, by GET, as the documentation has it. */
export const DEFAULT_CALLBACK_PLAN: CallbackPlan = {
  outcomes: [{ codes: [1, 2, 3], weight: 1 }],
  byMsisdn: {},
  delayMs: { minMs: 50, maxMs: 300 },
  order: 'in-order',
  duplicateProbability: 0,
  lossProbability: 0,
  style: 'get',
  when: 'after-answer',
  retries: 0,
  retryDelayMs: 1_000,
  timeoutMs: 10_000,
};

export type PlannedCallback = {
  readonly code: number;
  readonly waitMs: number;
  readonly lost: boolean;
  /** The second making of the same callback. */
  readonly duplicate: boolean;
};

function pickCodes(plan: CallbackPlan, msisdn: string, random: Random): readonly number[] {
  const sandbox = sandboxNumber(msisdn);
  if (sandbox?.kind === 'taken' && sandbox.codes !== null) return sandbox.codes;
  const own = plan.byMsisdn[msisdn];
  if (own !== undefined) return own;
  const total = plan.outcomes.reduce((sum, outcome) => sum + outcome.weight, 0);
  let left = random() * total;
  for (const outcome of plan.outcomes) {
    left -= outcome.weight;
    if (left < 0) return outcome.codes;
  }
  return plan.outcomes.at(-1)?.codes ?? [];
}

/** The callbacks of one message, in the order in which they are made, one after the other. */
export function planCallbacks(plan: CallbackPlan, msisdn: string, random: Random): PlannedCallback[] {
  const codes = pickCodes(plan, msisdn, random);
  const made = codes.flatMap((code) => {
    const once = { code, duplicate: false };
    return random() < plan.duplicateProbability ? [once, { code, duplicate: true }] : [once];
  });
  const ordered =
    plan.order === 'shuffled' ? shuffled(made, random) : plan.order === 'reversed' ? made.reverse() : made;
  return ordered.map((callback) => ({
    ...callback,
    waitMs: pickDelayMs(plan.delayMs, random),
    lost: random() < plan.lossProbability,
  }));
}

export type CallbackCall = {
  readonly origin: string;
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

/**
 * The HTTP request of one callback: to the callback URL, byte for byte, with `session_id` and `status`
 * appended to its query (which it may have already), or in the body.
 *
 * @throws TypeError when the URL is not absolute
 */
export function callbackCall(
  callbackUrl: string,
  style: CallbackStyle,
  sessionId: string,
  code: number,
): CallbackCall {
  const url = new URL(callbackUrl);
  const fields = `session_id=${sessionId}&status=${code}`;
  const target = url.pathname + url.search;
  const separator = url.search === '' ? '?' : '&';
  const common = { origin: url.origin, headers: { 'user-agent': 'verihubs-simulator' } };
  const post = (type: string, body: string): CallbackCall => ({
    ...common,
    path: target,
    method: 'POST',
    headers: { ...common.headers, 'content-type': type },
    body,
  });
  switch (style) {
    case 'get':
      return { ...common, path: target + separator + fields, method: 'GET', body: null };
    case 'post-query':
      return { ...common, path: target + separator + fields, method: 'POST', body: '' };
    case 'post-form':
      return post('application/x-www-form-urlencoded', fields);
    case 'post-json':
      return post('application/json', JSON.stringify({ session_id: sessionId, status: code }));
  }
}
