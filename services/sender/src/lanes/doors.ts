import type { Clock, Logger } from '@whatsapp-stream/service-kit';

/** Which lanes may send now. A lane is closed by an operator, or by its hours. */
export interface Doors {
  /** @param lane the lane's place in the order of urgency, from 0 */
  isOpen(lane: number): boolean;
  /** Why the lane is closed, for people; null while it is open. */
  closedBecause(lane: number): string | null;
  /** Looks afresh, and tells what has changed. To be called when an operator's word has come. */
  look(): void;
  start(): void;
  stop(): void;
}

export interface DoorsOptions {
  /** The lanes' names, in the order of urgency. */
  readonly lanes: readonly string[];
  /** Why an operator holds the lane; null if nobody does. */
  readonly brake: (lane: string) => { readonly reason: string } | null;
  /** @param now ms since the epoch */
  readonly isWithinHours: (lane: string, now: number) => boolean;
  /** The lane has just been opened or closed. */
  readonly onChanged: (lane: string) => void;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Hours are told by the minute. */
const LOOK_EVERY_MS = 1_000;

export function createDoors({ lanes, brake, isWithinHours, onChanged, clock, log }: DoorsOptions): Doors {
  let reasons: readonly (string | null)[] = lanes.map(reasonOf);
  let cancelLook = () => {};

  function reasonOf(lane: string): string | null {
    const held = brake(lane);
    if (held) return held.reason;
    return isWithinHours(lane, clock.now()) ? null : 'outside its sending hours';
  }

  function look(): void {
    const before = reasons;
    reasons = lanes.map(reasonOf);
    for (const [index, lane] of lanes.entries()) {
      const [was, reason] = [before[index] ?? null, reasons[index] ?? null];
      if (was === reason) continue;
      if (reason === null) log.info({ lane }, 'the lane is open again');
      else log.warn({ lane, reason }, 'the lane is closed: nothing of it is sent');
      if ((was === null) !== (reason === null)) onChanged(lane);
    }
  }

  function lookAgain(): void {
    look();
    cancelLook = clock.after(LOOK_EVERY_MS, lookAgain);
  }

  return {
    isOpen: (lane) => (reasons[lane] ?? null) === null,
    closedBecause: (lane) => reasons[lane] ?? null,
    look,
    start: lookAgain,
    stop: () => cancelLook(),
  };
}
