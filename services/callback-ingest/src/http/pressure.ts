import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { Clock } from '@whatsapp-stream/service-kit';

/** From where on the process has more to do than it can. */
export interface PressureBounds {
  /** How late the event loop may come to what is due. */
  readonly delayMs: number;
  /** What may be used of the heap that this process may have for what lives on, from 0 to 1. */
  readonly heapShare: number;
}

export interface Pressure {
  readonly isHigh: () => boolean;
  /** Looks no more. */
  readonly close: () => void;
}

/** Late, because a callback that is turned away may never come again. */
export const PRESSURE_BOUNDS: PressureBounds = { delayMs: 1_000, heapShare: 0.85 };

const LOOK_EVERY_MS = 250;
/** One late look is a pause (a collection of garbage, a process that was stopped); after it all is well. */
const LOOKS_IN_A_ROW = 2;

/**
 * Looks at the event loop and the heap four times a second. The pressure is high when two looks in a row found
 * it so, and until the first that does not; to ask costs nothing.
 *
 * @fastify/under-pressure 9.2.0 was considered: it decides by one sample of a second, so that a single pause
 * turns callbacks away for the second after it, it wakes the process a hundred times a second when idle, and it
 * builds an object for each request.
 */
export function watchPressure(
  clock: Clock,
  bounds: PressureBounds = PRESSURE_BOUNDS,
  heapShare: () => number = usedHeapShare,
): Pressure {
  let highLooks = 0;
  let dueMs = clock.monotonic() + LOOK_EVERY_MS;

  function look(): void {
    const nowMs = clock.monotonic();
    const isHigh = nowMs - dueMs > bounds.delayMs || heapShare() > bounds.heapShare;
    highLooks = isHigh ? highLooks + 1 : 0;
    dueMs = nowMs + LOOK_EVERY_MS;
    cancel = clock.after(LOOK_EVERY_MS, look);
  }

  let cancel = clock.after(LOOK_EVERY_MS, look);
  return { isHigh: () => highLooks >= LOOKS_IN_A_ROW, close: () => cancel() };
}

/**
 * V8 counts three semi-spaces of 64 MiB for young objects into its limit, but what runs full is the rest. Seen with
 * Node 24: limits of 256, 320 and 704 MiB for `--max-old-space-size` of 64, 128 and 512.
 */
const YOUNG_RESERVE_BYTES = 192 * 2 ** 20;

function usedHeapShare(): number {
  const usedBytes = getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith('new_'))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
  return usedBytes / (getHeapStatistics().heap_size_limit - YOUNG_RESERVE_BYTES);
}
