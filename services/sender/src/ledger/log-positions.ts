/**
 * How far back in the status log the fold must reach for the records at or after a committed offset: a
 * position per status partition, committed as the offset's metadata. Positions, not times: the clocks of
 * partition leaders differ.
 */
export type LogPositions = ReadonlyMap<number, number>;

/** Kafka's `offset.metadata.max.bytes`, by default. */
const MAX_BYTES = 4_096;
const VERSION = 1;

/**
 * @param passedOverTo the highest offset of the lane partition that was passed over for what the log says of another
 *   record; -1 for none at or above the committed one
 * @returns the metadata; empty, which means "not known", if it does not fit
 */
export function encodeLogPositions(positions: LogPositions, passedOverTo = -1): string {
  const known = passedOverTo < 0 ? {} : { known: passedOverTo };
  const text = JSON.stringify({ v: VERSION, log: [...positions].flat(), ...known });
  return text.length <= MAX_BYTES ? text : '';
}

/** @returns -1 where the metadata tells of none */
export function decodePassedOverTo(metadata: string): number {
  if (decodeLogPositions(metadata) === null) return -1;
  const { known }: { readonly known?: unknown } = JSON.parse(metadata);
  return typeof known === 'number' && Number.isSafeInteger(known) ? known : -1;
}

/** @returns null for metadata that is not ours or is not understood */
export function decodeLogPositions(metadata: string): LogPositions | null {
  try {
    const parsed: unknown = JSON.parse(metadata);
    if (typeof parsed !== 'object' || parsed === null || !('v' in parsed) || !('log' in parsed)) return null;
    const { v, log } = parsed;
    if (v !== VERSION || !Array.isArray(log) || log.length % 2 !== 0) return null;
    if (!log.every((n): n is number => Number.isSafeInteger(n) && n >= 0)) return null;
    const positions = new Map<number, number>();
    for (let i = 0; i < log.length; i += 2) positions.set(log[i] ?? 0, log[i + 1] ?? 0);
    return positions;
  } catch {
    return null;
  }
}

/** @returns for each partition the lowest position; a partition that one of them does not name starts at 0 */
export function lowestOf(all: readonly LogPositions[]): LogPositions {
  const partitions = new Set(all.flatMap((positions) => [...positions.keys()]));
  return new Map(
    [...partitions].map((partition) => [
      partition,
      Math.min(...all.map((positions) => positions.get(partition) ?? 0)),
    ]),
  );
}

/** @returns for each partition the higher position */
export function higherOf(one: LogPositions, other: LogPositions): LogPositions {
  const higher = new Map(one);
  for (const [partition, position] of other) {
    higher.set(partition, Math.max(position, higher.get(partition) ?? 0));
  }
  return higher;
}

/** Whether none of `positions` lies behind `limit`; a partition that `limit` does not name is at 0 there. */
export function isAtOrBefore(positions: LogPositions, limit: LogPositions): boolean {
  return [...positions].every(([partition, position]) => position <= (limit.get(partition) ?? 0));
}
