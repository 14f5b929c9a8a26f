export interface BackOff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** @returns the pause after an attempt, the first of which is 1: it doubles from `minMs` up to `maxMs` */
export function pauseAfter(attempt: number, { minMs, maxMs }: BackOff): number {
  return Math.min(maxMs, minMs * 2 ** (attempt - 1));
}
