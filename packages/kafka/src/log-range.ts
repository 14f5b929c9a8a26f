import type { Admin, OffsetGap } from './port.ts';

/** What a partition holds: `low` is its oldest record's offset, `high` that of the next one to be written. */
export interface LogRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Where reading really begins that was to begin at `wanted`. What was deleted is left out; beyond the end,
 * where the log was cut, only the oldest record is sure to miss nothing. To fetch out of range instead would
 * leave the position where it was for as long as nothing new is written.
 */
export function startWithin(wanted: number | undefined, { low, high }: LogRange): number {
  return wanted === undefined || wanted > high ? low : Math.max(wanted, low);
}

/** Tells a gap's cause: `retention`, the worse one, also when it cannot be learned. */
export async function withCause(
  admin: Pick<Admin, 'offsets'>,
  gap: Omit<OffsetGap, 'cause'>,
): Promise<OffsetGap> {
  try {
    const low = (await admin.offsets(gap.topic)).get(gap.partition)?.low ?? 0;
    return { ...gap, cause: low > gap.from ? 'retention' : 'filtered' };
  } catch {
    return { ...gap, cause: 'retention' };
  }
}
