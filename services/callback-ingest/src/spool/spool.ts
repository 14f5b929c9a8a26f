import type { Arrival } from '../record/arrival.ts';

/**
 * How the keeping of callbacks ended. `full`: the spool has reached its bound, or the disk has no room.
 * `broken`: the disk, the folder or the file cannot be used at the moment; it is tried again by itself.
 */
export type Kept =
  | { readonly kind: 'kept' }
  | { readonly kind: 'full' }
  | { readonly kind: 'broken'; readonly why: string };

/** One that is in the spool. */
export interface Spooled extends Arrival {
  /** Its place in the order of arrival. */
  readonly seq: number;
}

/** What of the spool operators see. */
export interface SpoolState {
  /** Callbacks in it. */
  readonly events: number;
  /** What it occupies, of `SPOOL_MAX_BYTES`. */
  readonly bytes: number;
  /** Why nothing can be kept now, for people; null when it can. */
  readonly trouble: string | null;
}

/** Callbacks that Kafka has not taken yet, on disk. None of these ever rejects or throws. */
export interface Spool {
  /**
   * Resolves `kept` once all of them are on disk and synced: they then survive a crash of the process and of the
   * machine. One that is in the spool already, by its `event_id`, is kept as it was.
   */
  keep(arrivals: readonly Arrival[]): Promise<Kept>;
  /** The oldest, in their order; none while the spool cannot be read. What is in there and unreadable is set aside. */
  oldest(limit: number): Promise<readonly Spooled[]>;
  /** Kafka has them. While they cannot be deleted they are only remembered as gone. */
  remove(spooled: readonly Spooled[]): Promise<void>;
  /** Kafka has acknowledged them after all: those that are still in the spool leave it. */
  forget(arrivals: readonly Arrival[]): Promise<void>;
  state(): SpoolState;
  /** Everything that was handed over is on disk, and the file is free for another process. */
  close(): Promise<void>;
}
