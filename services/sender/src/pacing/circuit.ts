/**
 * Holds back all sending while the trouble is with the account or the way to Verihubs, not with a message:
 * closed → (trouble) → open → (its time has passed) → one probe → closed, or open for longer.
 * Times are monotonic ms.
 */
export interface Circuit {
  /** How long the next request must still wait; Infinity while a probe is out. */
  waitMs(now: number): number;
  readonly open: boolean;
  /** Why it is open, for people. */
  readonly reason: string | null;
  /** A request leaves. @returns whether it is the probe: only its answer can close the circuit, or keep it open */
  sent(): boolean;
  /** An answer shows trouble. @returns how long nothing will be sent, in whole ms */
  trouble(now: number, reason: string, probe: boolean): number;
  /** What the trouble was may be over: if no probe is out, the next request is one. */
  tryNow(now: number): void;
  /** An answer shows that the account and the way are fine. @returns whether this closed the circuit */
  fine(probe: boolean): boolean;
  /** A request never left, or told nothing; if it was the probe, another may try. */
  inconclusive(probe: boolean): void;
}

export interface CircuitOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

export function createCircuit({ firstMs, maxMs }: CircuitOptions): Circuit {
  let state: { reason: string; until: number; nextMs: number; probing: boolean } | null = null;
  /** Said while a probe was out: its answer is old news. */
  let tryAgain = false;
  return {
    waitMs(now) {
      if (!state) return 0;
      return state.probing ? Number.POSITIVE_INFINITY : Math.max(0, state.until - now);
    },
    get open() {
      return state !== null;
    },
    get reason() {
      return state?.reason ?? null;
    },
    sent() {
      if (!state) return false;
      state.probing = true;
      return true;
    },
    trouble(now, reason, probe) {
      // Answers to requests that left before it opened say nothing new and must not lengthen it.
      if (state && !probe) return Math.ceil(Math.max(0, state.until - now));
      const holdMs = tryAgain ? 0 : (state?.nextMs ?? firstMs);
      tryAgain = false;
      state = {
        reason,
        until: now + holdMs,
        nextMs: Math.min(Math.max(holdMs * 2, firstMs), maxMs),
        probing: false,
      };
      return holdMs;
    },
    tryNow(now) {
      if (!state) return;
      if (state.probing) tryAgain = true;
      else state.until = Math.min(state.until, now);
    },
    fine(probe) {
      // Nor do they close it.
      if (!state || !probe) return false;
      state = null;
      tryAgain = false;
      return true;
    },
    inconclusive(probe) {
      if (state && probe) state.probing = false;
    },
  };
}
