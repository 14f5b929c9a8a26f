import { type Status, statusOfCode } from '@whatsapp-stream/schemas';
import type { Clock } from '@whatsapp-stream/service-kit';
import type { Kept, Spool } from '../spool/spool.ts';
import type { Arrival } from './arrival.ts';
import type { KafkaState } from './kafka-state.ts';
import type { KnownCallback } from './status-event.ts';

/** Where a callback is safe. */
export type Keeper = 'kafka' | 'spool';

/** `TOO_MANY_PENDING`: too much waits to be kept already, this one was not even tried. */
export type UnavailableReason = 'SPOOL_FULL' | 'SPOOL_BROKEN' | 'TOO_MANY_PENDING';

export type Recorded =
  | { readonly ok: true; readonly status: Status; readonly keeper: Keeper }
  | { readonly ok: false; readonly reason: UnavailableReason };

export interface RecorderOptions {
  /** Resolves once there is a Kafka to write to. Never rejects. */
  readonly reachable: Promise<unknown>;
  /**
   * Resolves once Kafka has acknowledged them all with acks=all; rejects when any is not known to be written.
   * May take its time: what is late is kept by the spool, and an acknowledgement that comes later still counts.
   */
  readonly write: (arrivals: readonly Arrival[]) => Promise<void>;
  readonly spool: Pick<Spool, 'keep' | 'forget'>;
  readonly kafka: KafkaState;
  readonly clock: Clock;
  /** How long Kafka may take for a callback before the spool keeps it, and those that wait beside it. */
  readonly ackTimeoutMs: number;
  /** Callbacks that may wait to be kept at a time: the bound of the memory that they take. */
  readonly maxPending: number;
  /** Told how long Kafka took for the oldest of a batch, and how many were in it. */
  readonly acknowledged: (afterMs: number, count: number) => void;
}

export interface Recorder {
  /** Resolves once the callback is safe, or it is clear that it is not known to be. Never rejects. */
  record(callback: KnownCallback): Promise<Recorded>;
  /** Waits for Kafka no longer: what waits for it goes to the spool. */
  giveUpOnKafka(why: string): void;
  pending(): number;
}

interface Waiting {
  readonly arrival: Arrival;
  /** On the monotonic clock. */
  readonly sinceMs: number;
  resolve(recorded: Recorded): void;
}

/** A batch under way to Kafka: one at a time. With two, half as large, a third fewer callbacks went through. */
interface Flight {
  readonly batch: readonly Waiting[];
  /** The spool has it; only a late acknowledgement is still of interest. */
  abandoned: boolean;
}

/** Some 600 bytes each: a request stays well below a broker's and a topic's bound of 1 MiB. */
const MAX_BATCH = 1_000;

/**
 * Keeps callbacks: in Kafka, or, while that does not take them, in the spool.
 *
 * - Kafka answers: what comes in one turn of the event loop, and while a batch is under way, is one batch.
 * - A write fails, or the oldest callback has waited `ackTimeoutMs`: Kafka is known to be in trouble. All that
 *   waits goes to the spool at once, and so does everything that comes, until somebody finds that Kafka takes
 *   events again: the drain of the spool, or an acknowledgement that comes late after all.
 *
 * An event can so be in the log twice, under the same `event_id`, by which consumers dedupe.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { reachable, write, spool, kafka, clock, ackTimeoutMs, maxPending, acknowledged } = options;
  let flight: Flight | null = null;
  let waiting: Waiting[] = [];
  let pending = 0;
  let flushing = false;
  let watching = false;

  function settle(batch: readonly Waiting[], recordedOf: (one: Waiting) => Recorded): void {
    pending -= batch.length;
    for (const one of batch) one.resolve(recordedOf(one));
  }

  async function toSpool(batch: readonly Waiting[]): Promise<void> {
    const kept = await spool.keep(batch.map(({ arrival }) => arrival));
    settle(batch, (one) => ofSpool(kept, one));
  }

  async function toKafka(batch: readonly Waiting[]): Promise<void> {
    const own: Flight = { batch, abandoned: false };
    flight = own;
    const arrivals = batch.map(({ arrival }) => arrival);
    try {
      await reachable;
      if (own.abandoned) return;
      await write(arrivals);
    } catch (error) {
      // One that was given up speaks of a time that may be over.
      if (!own.abandoned) giveUpOnKafka(error instanceof Error ? error.message : String(error));
      return;
    }
    kafka.acknowledged();
    if (own.abandoned) {
      await spool.forget(arrivals);
      return;
    }
    flight = null;
    acknowledged(clock.monotonic() - (batch[0]?.sinceMs ?? 0), batch.length);
    settle(batch, inKafka);
    flush();
  }

  function flush(): void {
    if (kafka.trouble() !== null) {
      const batch = waiting;
      waiting = [];
      if (batch.length > 0) void toSpool(batch);
      return;
    }
    if (flight !== null || waiting.length === 0) return;
    const batch = waiting.slice(0, MAX_BATCH);
    waiting = waiting.slice(MAX_BATCH);
    void toKafka(batch);
  }

  function giveUpOnKafka(why: string): void {
    kafka.unacknowledged(why);
    if (flight !== null) {
      flight.abandoned = true;
      void toSpool(flight.batch);
      flight = null;
    }
    flush();
  }

  /** One timer for all: whoever has waited longest is first in the flight, or in the queue. */
  function watch(): void {
    const oldest = flight?.batch[0] ?? waiting[0];
    watching = oldest !== undefined;
    if (oldest === undefined) return;
    const leftMs = oldest.sinceMs + ackTimeoutMs - clock.monotonic();
    if (leftMs > 0) {
      clock.after(leftMs, watch);
      return;
    }
    watching = false;
    giveUpOnKafka(`no acknowledgement within ${ackTimeoutMs} ms`);
  }

  function accept(arrival: Arrival, resolve: (recorded: Recorded) => void): void {
    pending += 1;
    waiting.push({ arrival, sinceMs: clock.monotonic(), resolve });
    if (!watching) watch();
    if (flushing) return;
    flushing = true;
    setImmediate(() => {
      flushing = false;
      flush();
    });
  }

  return {
    record(callback) {
      if (pending >= maxPending) return Promise.resolve({ ok: false, reason: 'TOO_MANY_PENDING' });
      return new Promise((resolve) => accept({ callback, atMs: clock.now() }, resolve));
    },
    giveUpOnKafka,
    pending: () => pending,
  };
}

function inKafka({ arrival }: Waiting): Recorded {
  return { ok: true, status: statusOfCode(arrival.callback.code), keeper: 'kafka' };
}

function ofSpool(kept: Kept, { arrival }: Waiting): Recorded {
  switch (kept.kind) {
    case 'kept':
      return { ok: true, status: statusOfCode(arrival.callback.code), keeper: 'spool' };
    case 'full':
      return { ok: false, reason: 'SPOOL_FULL' };
    case 'broken':
      return { ok: false, reason: 'SPOOL_BROKEN' };
  }
}
