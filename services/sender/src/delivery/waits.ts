import { type Clock, sleep } from '@whatsapp-stream/service-kit';
import type { Ledger } from '../ledger/ledger.ts';
import type { Message } from '../message.ts';
import { INACTIVE_LOOK_MS } from '../pacing/gates.ts';

/** What a message waits for between two steps. Each wait tells where the message is, and ends when the term does. */
export interface Waits {
  /** Until this time has passed, or the message has expired. */
  pause(message: Message, ms: number): Promise<void>;
  /** To end a message without a call is a decision of the active sender alone. @returns false when the term ends first */
  surelyActive(message: Message): Promise<boolean>;
  /**
   * Until there is word of the attempt in doubt, or a grace time has passed in which the log could be heard: while it
   * cannot, silence means nothing.
   * @returns false when the term ends first
   */
  graceIsOver(message: Message): Promise<boolean>;
}

export interface WaitsOptions {
  readonly ledger: Pick<Ledger, 'evidence'>;
  /** How long word of an attempt in doubt is waited for, by lane. */
  readonly doubtGraceMs: (lane: string) => number;
  /** Waits until all that is in the status log at this moment was learnt. @returns false when the term ends first */
  readonly heard: () => Promise<boolean>;
  /** Aborted when the term as the active sender ends: nothing is started any more. */
  readonly over: AbortSignal;
  /** Whether this process is surely the active sender at this moment. */
  readonly isActive: () => boolean;
  readonly clock: Clock;
}

/** A timer counts monotonic time; the wall clock may be set while it runs, so long waits are taken in turns. */
const LONGEST_SLEEP_MS = 60_000;
/** The log is read within some tens of ms; longer, and it could not be heard for some of the grace time. */
const HEARD_AT_ONCE_MS = 2_000;

export function createWaits(options: WaitsOptions): Waits {
  const { ledger, over, clock } = options;

  /** By the monotonic clock, but for the expiry: the wall clock may be set while a message waits. */
  async function pause({ request, place }: Message, ms: number): Promise<void> {
    const until = clock.monotonic() + ms;
    place.at('pause', until);
    while (!over.aborted) {
      const toExpiry = (request.expires_at ?? Number.POSITIVE_INFINITY) - clock.now();
      const left = Math.min(until - clock.monotonic(), toExpiry);
      if (left <= 0) return;
      await sleep(clock, Math.min(left, LONGEST_SLEEP_MS), over);
    }
  }

  async function surelyActive(message: Message): Promise<boolean> {
    while (!over.aborted && !options.isActive()) {
      message.place.at('hear');
      await sleep(clock, INACTIVE_LOOK_MS, over);
    }
    return !over.aborted;
  }

  async function graceIsOver({ unit, lane, place }: Message): Promise<boolean> {
    const graceMs = options.doubtGraceMs(lane);
    for (;;) {
      place.at('doubt', clock.monotonic() + graceMs);
      const word = await ledger.evidence(unit, graceMs, over);
      if (word !== 'none') return word === 'evidence';
      place.at('hear');
      const askedAt = clock.monotonic();
      if (!(await options.heard())) return false;
      if (clock.monotonic() - askedAt <= HEARD_AT_ONCE_MS) return true;
    }
  }

  return { pause, surelyActive, graceIsOver };
}
