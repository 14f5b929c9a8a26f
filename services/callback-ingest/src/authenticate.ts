import { type CallbackClaims, type SigningKey, verifyToken } from '@whatsapp-stream/callback-token';

/** Who called back, as far as it is proven. */
export type Caller = { readonly signed: true; readonly claims: CallbackClaims } | { readonly signed: false };

export type UnauthorizedReason =
  | 'MISSING_TOKEN'
  | 'MALFORMED_TOKEN'
  | 'UNKNOWN_KEY'
  | 'BAD_SIGNATURE'
  | 'EXPIRED_TOKEN';

export type Authenticated =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly reason: UnauthorizedReason };

export interface AuthenticationRules {
  /** Both keys of a rotation count. */
  readonly keys: readonly SigningKey[];
  /** Whether a callback without a token is taken, as one that nothing proves. */
  readonly unsigned: 'accept' | 'reject';
  /** How old a token may be; for ever, when it is not set. */
  readonly maxAgeMs?: number | undefined;
}

/**
 * Believes a token that one of the keys signed and that is not too old. A wrong token is refused also where
 * none is needed: it was meant to prove something, and does not.
 * @param nowMs wall-clock time, in ms since the epoch; a token of a sender whose clock is ahead is not too old
 */
export function authenticate(
  rules: AuthenticationRules,
  token: string | undefined,
  nowMs: number,
): Authenticated {
  if (token === undefined) {
    return rules.unsigned === 'accept'
      ? { ok: true, caller: { signed: false } }
      : { ok: false, reason: 'MISSING_TOKEN' };
  }
  const verified = verifyToken(rules.keys, token);
  if (!verified.ok) {
    return { ok: false, reason: verified.reason === 'MALFORMED' ? 'MALFORMED_TOKEN' : verified.reason };
  }
  const { claims } = verified;
  if (rules.maxAgeMs !== undefined && nowMs - claims.issuedAtMs > rules.maxAgeMs) {
    return { ok: false, reason: 'EXPIRED_TOKEN' };
  }
  return { ok: true, caller: { signed: true, claims } };
}
