/** The two forms of Retry-After (RFC 9110, 10.2.3). */
export type RetryAfterStyle = 'seconds' | 'date';

/**
 * The header Retry-After, when there is to be one.
 * @param nowIso the present moment, ISO 8601; a date is rounded up to its whole second
 */
export function retryAfter(
  seconds: number | null | undefined,
  style: RetryAfterStyle,
  nowIso: string,
): { readonly headers?: Readonly<Record<string, string>> } {
  if (seconds === null || seconds === undefined) return {};
  if (style === 'seconds') return { headers: { 'retry-after': String(seconds) } };
  const wholeSecond = Math.ceil(Date.parse(nowIso) / 1_000) + seconds;
  return { headers: { 'retry-after': new Date(wholeSecond * 1_000).toUTCString() } };
}
