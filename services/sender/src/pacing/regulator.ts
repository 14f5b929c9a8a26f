/**
 * Learns from refusals how fast is too fast. Two things make Verihubs refuse: requests that arrive less evenly than
 * they leave, which a wider guard helps against, and others that use the account too, which only a smaller share
 * does. A refusal does not tell which, so both are tried: the share falls and soon comes back, the guard stays.
 * It only computes. Times are monotonic ms; what was learnt long ago, or elsewhere, may be told late and in any order.
 */
export interface Regulator {
  /** How fast requests may leave at `now`. */
  at(now: number): Regime;
  /**
   * A request was refused for its rate. Answers to requests that left before the last lesson was known, or within a
   * window of the limit after it, are that lesson still.
   * @param learntAt when the refusal was known
   * @param leftAt when the request had left; when it is not known, an answer is taken to have come after a second and
   *   a callback after ten: a late word of what has been learnt already must not count again
   * @returns what it changed, as of the latest lesson; null when it taught nothing new
   */
  lesson(kind: LessonKind, learntAt: number, leftAt?: number): Learnt | null;
  /** Nothing leaves before `until`, as Retry-After asks; an earlier time than one asked for before changes nothing. */
  retryAfter(until: number): void;
}

/** Why sending can be slower than it was set to be. */
export const SLOW_REASONS = ['too many requests', 'rejected by callback', 'Retry-After'] as const;
export type SlowReason = (typeof SLOW_REASONS)[number];

export type LessonKind = Exclude<SlowReason, 'Retry-After'>;

export interface Regime {
  /** Added to the second that Verihubs counts in, against jitter of arrivals. */
  readonly guardMs: number;
  /** The part of the limit that is used, up to 1. */
  readonly share: number;
  /** In any time of this length at most the limit may leave: the second and its guard, over the share. */
  readonly windowMs: number;
  /** Nothing may leave before this time; `-Infinity` where nobody asked for that. */
  readonly heldUntil: number;
  /** Null while it is as fast as it was set to be. */
  readonly reason: SlowReason | null;
}

/** A lesson that was news. */
export interface Learnt {
  readonly before: Regime;
  readonly after: Regime;
}

/** Verihubs counts its limit by the second. */
export const LIMIT_WINDOW_MS = 1_000;

/** What a refusal does to the guard: at first this much more, and twice as much at each further one. */
const FIRST_STEP_MS = 20;
const LONGEST_GUARD_MS = 500;
/** For so long after the last lesson the guard stays; then what it was widened by halves again and again. */
const GUARD_STAYS_MS = 10 * 60_000;
const GUARD_HALVES_MS = 20 * 60_000;
/** What is left of it is forgotten when it is less. */
const LEAST_WIDENING_MS = 1;

const SHARE_FALLS_TO = 0.95;
const LEAST_SHARE = 0.1;
/** A hundredth each five seconds. */
const SHARE_CLIMBS_PER_MS = 0.01 / 5_000;

const USUAL_DELAY_MS: Readonly<Record<LessonKind, number>> = {
  'too many requests': 1_000,
  'rejected by callback': 10_000,
};
/** Of the refusals learnt within one such time the first speaks for all. */
const CELL_MS = 250;
/** The latest of those are remembered: four minutes without a pause, which have taught all there is to learn. */
const MAX_CELLS = 1_024;

interface Refusal {
  readonly kind: LessonKind;
  readonly learntAt: number;
  readonly leftAt: number;
}

/** What the lessons up to `at` have led to. */
interface State {
  readonly at: number;
  readonly guardMs: number;
  readonly share: number;
  /** By how much the last lesson widened the guard. */
  readonly stepMs: number;
  readonly reason: SlowReason | null;
}

/** @param baseGuardMs the guard while nothing was learnt */
export function createRegulator(baseGuardMs: number): Regulator {
  const longestGuardMs = Math.max(LONGEST_GUARD_MS, baseGuardMs);
  const unlearnt: State = {
    at: Number.NEGATIVE_INFINITY,
    guardMs: baseGuardMs,
    share: 1,
    stepMs: 0,
    reason: null,
  };
  /** By when they were learnt, in cells: what they teach must not depend on the order they are told in. */
  const refusals = new Map<number, Refusal>();
  let heldUntil = Number.NEGATIVE_INFINITY;
  let state = unlearnt;

  /** What is left of a state after some time without lessons. */
  function decayed(from: State, now: number): State {
    const passedMs = Math.max(0, now - from.at);
    const share = Math.min(1, from.share + passedMs * SHARE_CLIMBS_PER_MS);
    const triedMs = Math.max(0, passedMs - GUARD_STAYS_MS);
    const wideningMs = (from.guardMs - baseGuardMs) * 2 ** (-triedMs / GUARD_HALVES_MS);
    const guardMs = baseGuardMs + (wideningMs < LEAST_WIDENING_MS ? 0 : wideningMs);
    // A guard that turns out too narrow as it is being narrowed is only just too narrow.
    const stepMs = triedMs > 0 ? 0 : from.stepMs;
    const reason = share === 1 && guardMs === baseGuardMs ? null : from.reason;
    return { at: now, guardMs, share, stepMs, reason };
  }

  function taught(before: State, { kind, learntAt, leftAt }: Refusal): State {
    if (leftAt < before.at + LIMIT_WINDOW_MS + baseGuardMs) return before;
    const { guardMs, share, stepMs } = decayed(before, learntAt);
    const nextStepMs = Math.max(FIRST_STEP_MS, 2 * stepMs);
    return {
      at: learntAt,
      guardMs: Math.min(longestGuardMs, guardMs + nextStepMs),
      share: Math.max(LEAST_SHARE, share * SHARE_FALLS_TO),
      stepMs: nextStepMs,
      reason: kind,
    };
  }

  function keep(refusal: Refusal): boolean {
    const cell = Math.floor(refusal.learntAt / CELL_MS);
    const other = refusals.get(cell);
    if (other && byTime(other, refusal) <= 0) return false;
    refusals.set(cell, refusal);
    if (refusals.size > MAX_CELLS) refusals.delete(Math.min(...refusals.keys()));
    return true;
  }

  function regimeOf({ guardMs, share, reason }: State, now: number): Regime {
    const windowMs = (LIMIT_WINDOW_MS + guardMs) / share;
    return { guardMs, share, windowMs, heldUntil, reason: heldUntil > now ? 'Retry-After' : reason };
  }

  const at = (now: number) => regimeOf(decayed(state, now), now);

  return {
    at,
    lesson(kind, learntAt, leftAt = learntAt - USUAL_DELAY_MS[kind]) {
      if (!keep({ kind, learntAt, leftAt })) return null;
      const asOf = Math.max(learntAt, state.at);
      const before = at(asOf);
      state = [...refusals.values()].sort(byTime).reduce(taught, unlearnt);
      const after = at(asOf);
      return after.windowMs === before.windowMs ? null : { before, after };
    },
    retryAfter(until) {
      heldUntil = Math.max(heldUntil, until);
    },
  };
}

function byTime(a: Refusal, b: Refusal): number {
  return a.learntAt - b.learntAt || b.leftAt - a.leftAt || (a.kind < b.kind ? -1 : Number(a.kind > b.kind));
}
