/**
 * Decides when the next request may leave: evenly spaced, at most `limit` in any time as long as the window is when
 * the last of them is let go, no burst after idle. It only computes; whoever asks does the waiting. Times are
 * monotonic ms.
 */
export interface Pace {
  /**
   * How long the next request must still wait; 0: it may leave now. Ask again when the time is over: the window may
   * have widened meanwhile.
   */
  waitMs(now: number): number;
  /**
   * A request may leave now. Call only when `waitMs(now)` is 0.
   * @returns to be asked when its first byte is about to leave, which a new connection or a busy process makes
   *   later; the window counts from there. When it answers false the request must not leave: others that were
   *   held up left just before it. A window that has widened since is no reason
   */
  take(now: number): (leavesAt: number) => boolean;
  /** There is something to send again after a time when there was not: what was not used is not made up. */
  resume(now: number): void;
  /**
   * Nothing leaves before `until`: another process may have sent up to now. What follows starts gently, over two
   * windows: connections are being opened and code is cold, so requests arrive less evenly than they leave.
   */
  holdUntil(until: number): void;
}

export interface PaceOptions {
  /** Requests per window. */
  readonly limit: number;
  /** How long the window is at `now`. */
  readonly windowMs: (now: number) => number;
  /** Nothing leaves before this time either, and what it cost is not made up; asked each time. */
  readonly heldUntil?: (now: number) => number;
  /**
   * A request that leaves late by a timer's or the event loop's delay is followed by earlier ones, up to this
   * much. Never by more than `limit` in a window: that is looked at for each request on its own.
   */
  readonly catchUpMs?: number;
  /** What each window is longer by while it starts gently. */
  readonly gentleMs?: number;
}

const DEFAULT_CATCH_UP_MS = 25;
const DEFAULT_GENTLE_MS = 70;
const GENTLE_WINDOWS = 2;
const ROUNDING_MS = 1e-6;

export function createPace(options: PaceOptions): Pace {
  const { limit, catchUpMs = DEFAULT_CATCH_UP_MS, gentleMs = DEFAULT_GENTLE_MS } = options;
  const heldUntil = options.heldUntil ?? (() => Number.NEGATIVE_INFINITY);
  /**
   * When each of the last `limit` requests left, or was let go, as a ring; `oldest` is the one that the next
   * replaces.
   */
  const left = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  let oldest = 0;
  /** When the last `limit` of them really left. */
  const departed = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  let oldestDeparted = 0;
  let nextSlot = Number.NEGATIVE_INFINITY;
  /** Requests that are still to leave gently. */
  let gentle = 0;

  function earliest(now: number): number {
    const windowMs = options.windowMs(now) + (gentle > 0 ? gentleMs : 0);
    return Math.max(nextSlot, heldUntil(now), (left[oldest] ?? Number.NEGATIVE_INFINITY) + windowMs);
  }

  return {
    waitMs: (now) => Math.max(0, earliest(now) - now),
    take(now) {
      const windowMs = options.windowMs(now);
      const place = oldest;
      left[place] = now;
      oldest = (oldest + 1) % limit;
      const slot = nextSlot === Number.NEGATIVE_INFINITY ? now : Math.max(nextSlot, now - catchUpMs);
      nextSlot = Math.max(slot, heldUntil(now)) + (windowMs + (gentle > 0 ? gentleMs : 0)) / limit;
      gentle = Math.max(0, gentle - 1);
      return (leavesAt) => {
        if (leavesAt - (departed[oldestDeparted] ?? 0) < windowMs - ROUNDING_MS) return false;
        departed[oldestDeparted] = leavesAt;
        oldestDeparted = (oldestDeparted + 1) % limit;
        left[place] = Math.max(left[place] ?? leavesAt, leavesAt);
        return true;
      };
    },
    resume(now) {
      nextSlot = Math.max(nextSlot, now);
    },
    holdUntil(until) {
      gentle = GENTLE_WINDOWS * limit;
      nextSlot = Math.max(nextSlot, until);
    },
  };
}
