import { randomBytes } from 'node:crypto';
import { signToken } from '@whatsapp-stream/callback-token';
import { callbackEventId, STATUS_SYMBOLS, STATUSES } from '@whatsapp-stream/schemas';
import { pick, type Random, whole } from './random.ts';

/** A callback as Verihubs would make it, and what its event must say. No two are alike. */
export interface SignedCallback {
  /** With its query. */
  readonly path: string;
  readonly eventId: string;
  readonly messageId: string;
  readonly sessionId: string;
  readonly attempt: number;
  readonly attemptId: string;
  readonly code: number;
}

export interface CallbackMaker {
  /** `CALLBACK_SIGNING_KEYS` of who is to take them. */
  readonly signingKeys: string;
  next(): SignedCallback;
  /** Words of which each callback has at least one in its ids, and its token too: no log may hold any of them. */
  readonly traces: readonly string[];
}

const MAX_ATTEMPT = 3;
const UNNAMED_CODES = [4, 99, -1];
const NAMED_CODES = STATUS_SYMBOLS.map((status) => STATUSES[status].code).filter((code) => code !== null);

/** @param random decides what they say; whom they speak of is new in each run */
export function createCallbackMaker(random: Random): CallbackMaker {
  const key = { id: 'k1', secret: randomBytes(16).toString('hex') };
  const run = randomBytes(6).toString('hex');
  let made = 0;
  return {
    signingKeys: `${key.id}:${key.secret}`,
    next() {
      made += 1;
      const messageId = `${run}-m-${made}`;
      const sessionId = `${run}-s-${made}`;
      const attempt = whole(random, 1, MAX_ATTEMPT);
      const attemptId = `${attempt}.p${made.toString(36)}`;
      const code = pick(random, [0, ...NAMED_CODES, ...UNNAMED_CODES]);
      const token = signToken(key, { messageId, attempt, attemptId, issuedAtMs: Date.now() });
      return {
        path: `/callbacks/${token}?session_id=${sessionId}&status=${code}`,
        eventId: callbackEventId({ messageId, attemptId, sessionId, code }),
        messageId,
        sessionId,
        attempt,
        attemptId,
        code,
      };
    },
    // The claims of a token begin with the message id; what base64 makes of its beginning is always the same.
    traces: [run, key.secret, Buffer.from(`["${run}`).toString('base64url').slice(0, -2)],
  };
}
