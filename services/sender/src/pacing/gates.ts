import type { Clock } from '@whatsapp-stream/service-kit';
import type { Circuit } from './circuit.ts';
import type { Pace } from './pace.ts';

/**
 * The two gates that every message passes on its way to Verihubs.
 *
 * `turn` lets a few messages of each lane ahead, so that their attempts can be written to the log before their
 * slot comes and the log costs the rate nothing. `slot` then gives each slot of the rate limit to the most
 * urgent one that is written. A lane has a number of its own that may be ahead: an otp never waits for room
 * that marketing takes up.
 */
export interface Gates {
  /** Waits until the message may be written ahead. After `go`, `slot` or `giveBack` must follow. */
  turn(lane: number): Promise<'go' | 'over'>;
  /** Takes back a turn that needs no slot. */
  giveBack(lane: number): void;
  /** Waits for a slot. After `go` the call must be made at once, and `ended` follow. */
  slot(lane: number): Promise<Slot>;
  /** A call that had a slot is over, and the circuit has been told of its outcome. */
  ended(): void;
  /** The circuit has changed: what waits for a slot is withdrawn if it is open, and all is looked at again. */
  circuitChanged(): void;
  /** Nothing passes any more: whoever waits is told `over`. */
  close(): void;
}

export type Slot =
  | {
      readonly kind: 'go';
      /** To be asked right before the first byte leaves; false: it must not. */
      readonly leave: () => boolean;
      /** It is the one call that an open circuit lets out. */
      readonly probe: boolean;
    }
  | { readonly kind: 'withdrawn' | 'over' };

export interface GatesOptions {
  /** How many lanes there are; lane 0 is the most urgent. */
  readonly lanes: number;
  /** How many messages of a lane may be written ahead of their slot. */
  readonly ahead: number;
  /** How many calls may be under way: one more would wait for a connection and leave out of step. */
  readonly maxCalls: number;
  readonly pace: Pace;
  readonly circuit: Circuit;
  /** Whether this process is surely the active sender now. While it is not, nothing passes. */
  readonly isActive: () => boolean;
  readonly clock: Clock;
}

/** How soon it is looked again whether this process is the active sender. */
export const INACTIVE_LOOK_MS = 100;

interface Lane {
  readonly turns: ((go: 'go' | 'over') => void)[];
  readonly slots: ((slot: Slot) => void)[];
  /** Turns given and not yet used up. */
  ahead: number;
}

export function createGates(options: GatesOptions): Gates {
  const { lanes: count, ahead, maxCalls, pace, circuit, isActive, clock } = options;
  const lanes: readonly Lane[] = Array.from({ length: count }, () => ({ turns: [], slots: [], ahead: 0 }));
  let calls = 0;
  let closed = false;
  /** Nothing could be sent: when it can again, the time in between is not made up. */
  let idle = true;
  let cancelTimer: (() => void) | undefined;

  function laneAt(index: number): Lane {
    const lane = lanes[index];
    if (!lane) throw new Error(`there is no lane ${index}`);
    return lane;
  }

  function giveTurns(): void {
    // While the circuit is open only the probe is written ahead, once its time has come.
    if (circuit.open) {
      const someAhead = lanes.some((lane) => lane.ahead > 0);
      if (someAhead || wakeAfter(circuit.waitMs(clock.monotonic()))) return;
      giveTurn(lanes.find(({ turns }) => turns.length > 0));
      return;
    }
    for (const lane of lanes) while (lane.ahead < ahead && lane.turns.length > 0) giveTurn(lane);
  }

  function giveTurn(lane: Lane | undefined): void {
    const give = lane?.turns.shift();
    if (!lane || !give) return;
    lane.ahead += 1;
    give('go');
  }

  function giveSlots(): void {
    for (;;) {
      const lane = lanes.find(({ slots }) => slots.length > 0);
      if (!lane || calls >= maxCalls) {
        idle = true;
        return;
      }
      const now = clock.monotonic();
      if (idle) pace.resume(now);
      idle = false;
      if (wakeAfter(Math.max(circuit.waitMs(now), pace.waitMs(now)))) return;
      const leave = pace.take(now);
      const probe = circuit.sent();
      calls += 1;
      lane.ahead -= 1;
      lane.slots.shift()?.({ kind: 'go', leave: () => leave(clock.monotonic()), probe });
    }
  }

  /** @returns whether there is a wait; an endless one ends by `circuitChanged` or `ended` */
  function wakeAfter(ms: number): boolean {
    if (ms <= 0) return false;
    cancelTimer?.();
    cancelTimer = Number.isFinite(ms) ? clock.after(ms, pump) : undefined;
    return true;
  }

  function pump(): void {
    if (closed) return;
    cancelTimer?.();
    cancelTimer = undefined;
    if (!isActive()) {
      idle = true;
      wakeAfter(INACTIVE_LOOK_MS);
      return;
    }
    giveSlots();
    giveTurns();
  }

  function dismiss(what: 'withdrawn' | 'over'): void {
    for (const lane of lanes) {
      lane.ahead -= lane.slots.length;
      for (const dismissed of lane.slots.splice(0)) dismissed({ kind: what });
      if (what === 'over') for (const dismissed of lane.turns.splice(0)) dismissed(what);
    }
  }

  return {
    turn(lane) {
      if (closed) return Promise.resolve('over');
      return new Promise((resolve) => {
        laneAt(lane).turns.push(resolve);
        pump();
      });
    },
    giveBack(lane) {
      laneAt(lane).ahead -= 1;
      pump();
    },
    slot(lane) {
      if (closed) {
        laneAt(lane).ahead -= 1;
        return Promise.resolve({ kind: 'over' });
      }
      return new Promise((resolve) => {
        laneAt(lane).slots.push(resolve);
        pump();
      });
    },
    ended() {
      calls -= 1;
      pump();
    },
    circuitChanged() {
      if (circuit.open) dismiss('withdrawn');
      pump();
    },
    close() {
      closed = true;
      cancelTimer?.();
      dismiss('over');
    },
  };
}
