/** What a call to Verihubs tells of itself, by the token in its callback URL. */
export interface Call {
  readonly messageId: string;
  readonly attempt: number;
  readonly attemptId: string;
}

/**
 * Reads a callback URL's token, `version.keyId.claims.signature`, without its key: what the simulator was told is
 * believed. @returns null when there is no such token in it
 */
export function callOf(callbackUrl: string | null): Call | null {
  if (callbackUrl === null || !URL.canParse(callbackUrl)) return null;
  const token = new URL(callbackUrl).pathname.split('/').at(-1) ?? '';
  const claims = token.split('.')[2] ?? '';
  try {
    const fields: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    if (!Array.isArray(fields)) return null;
    const [messageId, attempt, attemptId]: readonly unknown[] = fields;
    if (typeof messageId !== 'string' || typeof attempt !== 'number' || typeof attemptId !== 'string')
      return null;
    return { messageId, attempt, attemptId };
  } catch {
    return null;
  }
}

/** The process part of an attempt's id, `number.process`, behind which a redrive has a part of its own. */
export function makerOf(attemptId: string): string {
  return attemptId.split('.')[1] ?? '';
}
