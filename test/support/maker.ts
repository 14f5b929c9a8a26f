/** Names the process that made a call, from the claims in its callback URL; undefined where there are none. */
export function makerOf(callbackUrl: string | null): string | undefined {
  const claims = new URL(callbackUrl ?? 'http://none/').pathname.split('.')[2] ?? '';
  const [, , attemptId] = JSON.parse(Buffer.from(claims, 'base64url').toString() || '[]');
  return typeof attemptId === 'string' ? attemptId.split('.')[1] : undefined;
}
