import type { NewRecord } from '@whatsapp-stream/kafka';
import type { Status, StatusEvent } from '@whatsapp-stream/schemas';
import type { Clock } from '@whatsapp-stream/service-kit';
import { type KnownCallback, statusEventOf } from './status-event.ts';
import { within } from './within.ts';

/** `TOO_MANY_PENDING`: too much waits for Kafka already, this one was not even tried. */
export type UnavailableReason = 'KAFKA_LATE' | 'KAFKA_FAILED' | 'TOO_MANY_PENDING';

export type Recorded =
  | { readonly ok: true; readonly status: Status }
  | { readonly ok: false; readonly reason: UnavailableReason };

/** Who is told how the writing goes. */
export interface WriteObserver {
  acknowledged(afterMs: number): void;
  /** @param why for people */
  unacknowledged(why: string): void;
}

export interface RecorderOptions {
  readonly topic: string;
  readonly encode: (event: StatusEvent) => Buffer;
  /** Resolves once Kafka has acknowledged the record with acks=all. */
  readonly append: (record: NewRecord) => Promise<unknown>;
  readonly clock: Clock;
  readonly ackTimeoutMs: number;
  /** Events that may wait for Kafka at a time: the bound of the memory that they take. */
  readonly maxPending: number;
  readonly observer: WriteObserver;
}

export type Recorder = (callback: KnownCallback) => Promise<Recorded>;

/**
 * Writes callbacks to the status topic, each within `ackTimeoutMs`.
 *
 * An event that was not acknowledged in time may land all the same, now or later. That does no harm: if the
 * callback comes again its event has the same `event_id`, by which consumers dedupe.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { topic, encode, append, clock, ackTimeoutMs, maxPending, observer } = options;
  let pending = 0;

  async function write(record: NewRecord): Promise<void> {
    const start = clock.monotonic();
    pending += 1;
    try {
      await append(record);
      observer.acknowledged(clock.monotonic() - start);
    } catch (error) {
      observer.unacknowledged(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      pending -= 1;
    }
  }

  return async (callback) => {
    if (pending >= maxPending) return { ok: false, reason: 'TOO_MANY_PENDING' };
    const { key, event, headers } = statusEventOf(callback, clock.now());
    const written = write({ topic, key, value: encode(event), headers });
    switch ((await within(written, ackTimeoutMs, clock)).kind) {
      case 'done':
        return { ok: true, status: event.status };
      case 'failed':
        return { ok: false, reason: 'KAFKA_FAILED' };
      case 'late':
        observer.unacknowledged(`no acknowledgement within ${ackTimeoutMs} ms`);
        return { ok: false, reason: 'KAFKA_LATE' };
    }
  };
}
