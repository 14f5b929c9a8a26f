import type { Fault } from './faults.ts';
import { retryAfter } from './retry-after.ts';
import { sandboxNumber } from './sandbox.ts';
import type { SendBody } from './validate.ts';

/** What goes back over the wire. */
export type Reply =
  | {
      readonly wire: 'json';
      readonly status: number;
      readonly body: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly wire: 'garbage' }
  | {
      readonly wire: 'slow-headers';
      readonly body: Readonly<Record<string, unknown>>;
      readonly overMs: number;
    }
  | { readonly wire: 'hold' }
  | { readonly wire: 'reset' };

/** What becomes of one request. */
export type Decision = {
  readonly taken: boolean;
  readonly reply: Reply;
  /** Why, for people and logs. */
  readonly reason: string;
};

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Validation error',
  401: 'Authorization failed',
  403: 'Quota insufficient',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Msisdn has been blocked',
  429: 'Too many requests in the allowed time frame',
  500: 'Internal server error',
  503: 'Service unavailable',
};

/** A refusal in the documented shape. `detail` joins the message and must quote nothing that was sent. */
export function refuse(
  status: number,
  reason: string,
  options: { detail?: string; headers?: Readonly<Record<string, string>> } = {},
): Decision {
  const message = MESSAGES[status] ?? 'Error';
  const body = {
    message: options.detail === undefined ? message : `${message}: ${options.detail}`,
    code: status,
  };
  const headers = options.headers === undefined ? {} : { headers: options.headers };
  return { taken: false, reason, reply: { wire: 'json', status, body, ...headers } };
}

/**
 * The success body. `code` as text, where refusals have a number, and two fields of the sister calls:
 * Verihubs answers such things too, and a caller must not mind.
 */
const accepted = (request: SendBody, sessionId: string): Readonly<Record<string, unknown>> => ({
  message: 'Success! WhatsApp message will be sent',
  session_id: sessionId,
  msisdn: request.msisdn,
  code: '201',
  try_count: 1,
});

/**
 * What becomes of a valid request within the limit: the fault that it meets, else what is documented for
 * its number, else it is taken under this session id.
 * @param nowIso the present moment, ISO 8601
 */
export function decide(request: SendBody, fault: Fault | null, sessionId: string, nowIso: string): Decision {
  const body = accepted(request, sessionId);
  const reason = `fault ${fault?.kind}`;
  switch (fault?.kind) {
    case 'status': {
      const header = retryAfter(fault.retryAfterSeconds, fault.retryAfterAs ?? 'seconds', nowIso);
      const refusal = refuse(fault.status, `${reason} ${fault.status}`, header);
      return { ...refusal, taken: fault.taken ?? false };
    }
    case 'timeout':
      return { taken: fault.taken, reason, reply: { wire: 'hold' } };
    case 'reset':
      return { taken: fault.taken, reason, reply: { wire: 'reset' } };
    case 'garbage':
      return { taken: true, reason, reply: { wire: 'garbage' } };
    case 'slow-headers':
      return { taken: true, reason, reply: { wire: 'slow-headers', body, overMs: fault.overMs } };
    case 'no-session-id':
      return {
        taken: true,
        reason,
        reply: { wire: 'json', status: 201, body: { message: body['message'] } },
      };
    case 'latency':
    case undefined: {
      const sandbox = sandboxNumber(request.msisdn);
      if (sandbox?.kind === 'refused') return refuse(sandbox.status, 'sandbox number');
      return { taken: true, reason: 'taken', reply: { wire: 'json', status: 201, body } };
    }
  }
}

/** The HTTP status of a reply; null for one that never comes. */
export function replyStatus(reply: Reply): number | null {
  switch (reply.wire) {
    case 'json':
      return reply.status;
    case 'garbage':
    case 'slow-headers':
      return 201;
    case 'hold':
    case 'reset':
      return null;
  }
}
