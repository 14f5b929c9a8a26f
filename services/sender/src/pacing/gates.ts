import type { Clock } from '@whatsapp-stream/service-kit';
import { createFairQueue, type FairQueue } from '../lanes/fair-queue.ts';
import { createShares } from '../lanes/shares.ts';
import type { Circuit } from './circuit.ts';
import type { Pace } from './pace.ts';

/**
 * The two gates that every message passes on its way to Verihubs.
 *
 * `turn` lets a few messages of each lane ahead, so that their attempts can be written to the log before their
 * slot comes and the log costs the rate nothing; by turns among the sources of a lane. `slot` then gives each slot of
 * the rate limit to one that is written: of the most urgent lane, unless another one has earned it (`lanes/shares.ts`).
 * A lane has a number of its own that may be ahead: an otp never waits for room that marketing takes up. A lane that
 * is closed lets nothing pass: what is written ahead is taken back, what waits for its turn goes on waiting.
 */
export interface Gates {
  /** Waits until the message may be written ahead. After `go`, `slot` or `giveBack` must follow. */
  turn(of: Turn): Promise<TurnGiven>;
  /** Takes back a turn that needs no slot. */
  giveBack(lane: number): void;
  /** Waits for a slot. After `go` the call must be made at once, and `ended` follow. */
  slot(lane: number): Promise<Slot>;
  /** A call that had a slot is over, and the circuit has been told of its outcome. */
  ended(): void;
  /** The circuit, the pace or the lanes' doors have changed: what may not go any more is withdrawn, the rest looked at again. */
  changed(): void;
  /** Nothing passes any more: whoever waits is told `over`. */
  close(): void;
}

/** A message that is to be written ahead. */
export interface Turn {
  readonly lane: number;
  /** The publishing domain: those of a lane take turns. */
  readonly source: string;
  /** It had its turn before: it goes before those that had none. */
  readonly again: boolean;
  /** Looked at about once a second while it waits; a turn that is too late is not waited for any longer. */
  readonly isExpired: () => boolean;
}

/** `expired`: no turn, and nothing is to be given back. */
export type TurnGiven = 'go' | 'expired' | 'over';

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
  /** The share of each lane, of 1 in all; lane 0 is the most urgent. */
  readonly shares: readonly number[];
  /** Whether anything of a lane may be sent now. */
  readonly isOpen: (lane: number) => boolean;
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
/** How often it is looked whether a message expired while it waited for its turn. */
const EXPIRY_LOOK_MS = 1_000;

interface Waiting {
  readonly isExpired: () => boolean;
  readonly resolve: (given: TurnGiven) => void;
}

interface Lane {
  readonly turns: FairQueue<Waiting>;
  readonly slots: ((slot: Slot) => void)[];
  /** Turns given and not yet used up. */
  ahead: number;
}

export function createGates(options: GatesOptions): Gates {
  const { ahead, maxCalls, pace, circuit, isOpen, isActive, clock } = options;
  const lanes: readonly Lane[] = options.shares.map(() => ({
    turns: createFairQueue(),
    slots: [],
    ahead: 0,
  }));
  const shares = createShares(options.shares);
  let calls = 0;
  let closed = false;
  /** Nothing could be sent: when it can again, the time in between is not made up. */
  let idle = true;
  let cancelTimer: (() => void) | undefined;
  let cancelExpiryLook: (() => void) | undefined;

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
      for (const [index, lane] of lanes.entries()) {
        while (isOpen(index) && lane.turns.size > 0) if (giveTurn(lane)) return;
      }
      return;
    }
    for (const [index, lane] of lanes.entries()) {
      if (lane.turns.size === 0 || !isOpen(index)) continue;
      while (lane.ahead < ahead && lane.turns.size > 0) giveTurn(lane);
    }
  }

  /** @returns false where the next one has expired meanwhile: it is told so, and the one after it may have its turn */
  function giveTurn(lane: Lane): boolean {
    const waiting = lane.turns.shift();
    if (!waiting) return false;
    const expired = waiting.isExpired();
    if (!expired) lane.ahead += 1;
    waiting.resolve(expired ? 'expired' : 'go');
    return !expired;
  }

  function giveSlots(): void {
    for (;;) {
      if (calls >= maxCalls || lanes.every(({ slots }) => slots.length === 0)) {
        idle = true;
        return;
      }
      const now = clock.monotonic();
      if (idle) pace.resume(now);
      idle = false;
      if (wakeAfter(Math.max(circuit.waitMs(now), pace.waitMs(now)))) return;
      const lane = laneAt(shares.pick(lanes.map(({ slots }) => slots.length > 0)));
      const leave = pace.take(now);
      const probe = circuit.sent();
      calls += 1;
      lane.ahead -= 1;
      lane.slots.shift()?.({ kind: 'go', leave: () => leave(clock.monotonic()), probe });
    }
  }

  /** @returns whether there is a wait; an endless one ends by `changed` or `ended` */
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

  /** What waits in a lane that flows is looked at when its turn comes; this is for those that do not. */
  function lookForExpired(): void {
    cancelExpiryLook = undefined;
    for (const { turns } of lanes) {
      for (const { resolve } of turns.removeWhere(({ isExpired }) => isExpired())) resolve('expired');
    }
    if (lanes.some(({ turns }) => turns.size > 0)) expectExpiry();
  }

  function expectExpiry(): void {
    cancelExpiryLook ??= clock.after(EXPIRY_LOOK_MS, lookForExpired);
  }

  function withdraw(lane: Lane, kind: 'withdrawn' | 'over'): void {
    lane.ahead -= lane.slots.length;
    for (const dismissed of lane.slots.splice(0)) dismissed({ kind });
  }

  return {
    turn({ lane, source, again, isExpired }) {
      if (closed) return Promise.resolve('over');
      return new Promise((resolve) => {
        const { turns } = laneAt(lane);
        if (again) turns.pushFirst({ isExpired, resolve });
        else turns.push(source, { isExpired, resolve });
        pump();
        if (turns.size > 0) expectExpiry();
      });
    },
    giveBack(lane) {
      laneAt(lane).ahead -= 1;
      pump();
    },
    slot(index) {
      const lane = laneAt(index);
      if (closed || !isOpen(index)) {
        lane.ahead -= 1;
        pump();
        return Promise.resolve({ kind: closed ? 'over' : 'withdrawn' });
      }
      return new Promise((resolve) => {
        lane.slots.push(resolve);
        pump();
      });
    },
    ended() {
      calls -= 1;
      pump();
    },
    changed() {
      for (const [index, lane] of lanes.entries()) {
        if (circuit.open || !isOpen(index)) withdraw(lane, 'withdrawn');
      }
      pump();
    },
    close() {
      closed = true;
      cancelTimer?.();
      cancelExpiryLook?.();
      for (const lane of lanes) {
        withdraw(lane, 'over');
        for (const { resolve } of lane.turns.removeWhere(() => true)) resolve('over');
      }
    },
  };
}
