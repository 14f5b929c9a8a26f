import type { KnownCallback } from './status-event.ts';

/** A callback that was understood, and when it came: all that its event is made of. */
export interface Arrival {
  readonly callback: KnownCallback;
  /** ms since the epoch. */
  readonly atMs: number;
}
