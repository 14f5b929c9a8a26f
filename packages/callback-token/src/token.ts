import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKey } from './keys.ts';

/** What a callback URL says of the call that it was made for. */
export interface CallbackClaims {
  readonly messageId: string;
  /** From 1. */
  readonly attempt: number;
  readonly attemptId: string;
  /** ms since the epoch. */
  readonly issuedAtMs: number;
  /** W3C trace context of the send record, if it had one. */
  readonly traceparent?: string;
}

export type Verified =
  | { readonly ok: true; readonly claims: CallbackClaims }
  | { readonly ok: false; readonly reason: 'MALFORMED' | 'UNKNOWN_KEY' | 'BAD_SIGNATURE' };

/**
 * Longest token that is looked at: a message id of 128 characters, an attempt id, a trace context and the
 * signature stay well below.
 */
export const MAX_TOKEN_LENGTH = 1_024;

const VERSION = '1';
const SHAPE = /^1\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]{8,900})\.([A-Za-z0-9_-]{43})$/;

/**
 * A URL-safe token: `version.keyId.claims.signature`, the claims as base64url JSON and an HMAC-SHA-256 over
 * all that stands before it. It is no secret to Verihubs, but whoever has it can speak for one attempt: it is
 * never logged.
 */
export function signToken(key: SigningKey, claims: CallbackClaims): string {
  const { messageId, attempt, attemptId, issuedAtMs, traceparent } = claims;
  const fields = [messageId, attempt, attemptId, issuedAtMs, ...(traceparent ? [traceparent] : [])];
  const signed = `${VERSION}.${key.id}.${Buffer.from(JSON.stringify(fields)).toString('base64url')}`;
  return `${signed}.${signatureOf(key, signed)}`;
}

/** Checks the signature in constant time before anything in the token is believed. Never throws. */
export function verifyToken(keys: readonly SigningKey[], token: string): Verified {
  const match = token.length <= MAX_TOKEN_LENGTH ? SHAPE.exec(token) : null;
  const [, keyId, payload, signature] = match ?? [];
  if (keyId === undefined || payload === undefined || signature === undefined) {
    return { ok: false, reason: 'MALFORMED' };
  }
  // Anybody can sign with an empty secret: a key without one verifies nothing.
  const key = keys.find(({ id, secret }) => id === keyId && secret !== '');
  if (!key) return { ok: false, reason: 'UNKNOWN_KEY' };
  const signed = token.slice(0, -signature.length - 1);
  // As texts, because the last base64 character has other spellings of the same bytes: one call, one token.
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(key, signed)))) {
    return { ok: false, reason: 'BAD_SIGNATURE' };
  }
  const claims = claimsOf(payload);
  return claims ? { ok: true, claims } : { ok: false, reason: 'MALFORMED' };
}

/** As text it comes in two thirds of the time of a buffer. */
function signatureOf(key: SigningKey, signed: string): string {
  return createHmac('sha256', key.secret).update(signed).digest('base64url');
}

function claimsOf(payload: string): CallbackClaims | null {
  try {
    const fields: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (!Array.isArray(fields)) return null;
    const [messageId, attempt, attemptId, issuedAtMs, traceparent] = fields as unknown[];
    if (typeof messageId !== 'string' || typeof attemptId !== 'string') return null;
    if (typeof attempt !== 'number' || !Number.isSafeInteger(issuedAtMs)) return null;
    // What does not fit Avro's `int` could never become an event.
    if ((attempt | 0) !== attempt) return null;
    return {
      messageId,
      attempt,
      attemptId,
      issuedAtMs: issuedAtMs as number,
      ...(typeof traceparent === 'string' ? { traceparent } : {}),
    };
  } catch {
    return null;
  }
}
