import type { MalformedReason } from '../decode.ts';
import type { Outcome } from '../journey.ts';

/** Why a request did not even reach the journey of a callback. */
export type RefusedReason =
  | 'ADDRESS_NOT_ALLOWED'
  | 'OVERLOADED'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'BODY_TOO_LARGE'
  | 'HEADERS_TOO_LARGE'
  | 'TOO_SLOW'
  | 'BAD_REQUEST';

/** Everything that a request can end in. `failed` is a fault of ours. */
export type RequestOutcome =
  | Outcome
  | { readonly kind: 'refused'; readonly reason: RefusedReason }
  | { readonly kind: 'failed' };

/** A whole HTTP answer. It repeats nothing of the request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** When a callback that was turned away or could not be kept may be tried again. */
const RETRY_AFTER = { 'retry-after': '5' };

const ACCEPTED: Answer = {
  status: 200,
  // A cached answer to a GET would hide a later callback from us.
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: '{"status":"recorded"}',
};

const REFUSED: Readonly<Record<RefusedReason, Answer>> = {
  // Its connection would count among those of whoever may call.
  ADDRESS_NOT_ALLOWED: problem(403, 'Callbacks are not taken from this address', { connection: 'close' }),
  OVERLOADED: problem(503, 'Too much to do at the moment', RETRY_AFTER),
  NOT_FOUND: problem(404, 'Not found'),
  METHOD_NOT_ALLOWED: problem(405, 'Callbacks come by GET or POST', { allow: 'GET, POST' }),
  BODY_TOO_LARGE: problem(413, 'The body is too large'),
  HEADERS_TOO_LARGE: problem(431, 'The request line and headers are too large'),
  TOO_SLOW: problem(408, 'The request took too long to arrive'),
  BAD_REQUEST: problem(400, 'Not a request that can be read'),
};

// Which of the tokens' checks failed is not told to the caller: it would help only who guesses.
const UNAUTHORIZED = problem(401, 'A valid token is needed', { 'www-authenticate': 'Callback-Token' });

const UNAVAILABLE = problem(503, 'The callback cannot be kept at the moment', RETRY_AFTER);

const MALFORMED: Readonly<Record<MalformedReason, Answer>> = {
  BODY_UNREADABLE: malformed('BODY_UNREADABLE'),
  BODY_TYPE_UNSUPPORTED: malformed('BODY_TYPE_UNSUPPORTED'),
  SESSION_ID_MISSING: malformed('SESSION_ID_MISSING'),
  SESSION_ID_INVALID: malformed('SESSION_ID_INVALID'),
  STATUS_MISSING: malformed('STATUS_MISSING'),
  STATUS_INVALID: malformed('STATUS_INVALID'),
};

const FAILED = problem(500, 'Internal error');

/** What a request is answered, by how it ended. */
export function answerTo(outcome: RequestOutcome): Answer {
  switch (outcome.kind) {
    case 'accepted':
      return ACCEPTED;
    case 'unauthorized':
      return UNAUTHORIZED;
    case 'malformed':
      return MALFORMED[outcome.reason];
    case 'unavailable':
      return UNAVAILABLE;
    case 'refused':
      return REFUSED[outcome.reason];
    case 'failed':
      return FAILED;
  }
}

function malformed(reason: MalformedReason): Answer {
  return problem(400, 'Not a callback that can be understood', {}, reason);
}

/** Problem details, https://www.rfc-editor.org/rfc/rfc9457 . */
function problem(
  status: number,
  title: string,
  headers: Readonly<Record<string, string>> = {},
  reason?: string,
): Answer {
  return {
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
    body: JSON.stringify({ type: 'about:blank', title, status, reason }),
  };
}
