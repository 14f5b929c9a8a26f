import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import type { PatientDecode } from '../patient-decoder.ts';
import { type Delivering, deliver } from './deliver.ts';
import { createLowWaterMark } from './low-water-mark.ts';
import type { SubscriberHooks } from './port.ts';

/** What is to be handed over for an event. */
export interface Meaning<T> {
  /** Undefined: nothing, it is done. */
  readonly what: T | undefined;
  /** The event is done. @param remember is called, now or later, if it is to be known as such */
  done(remember: () => void): void;
}

/** What is remembered of a partition for as long as this process has it, through all epochs. */
export interface Memory {
  isAcknowledged(event: StatusEvent): boolean;
  acknowledged(event: StatusEvent): void;
}

/** Counts what happens. */
export type Count = (what: 'delivered' | 'acknowledged' | 'duplicates' | 'skipped') => void;

export interface PartitionOptions<T> extends Delivering<T> {
  readonly onSkipped: SubscriberHooks['onSkipped'];
  readonly decode: PatientDecode<StatusEvent>;
  readonly meaningOf: (event: StatusEvent, partition: number) => Meaning<T>;
  readonly memory: Memory;
  readonly count: Count;
  readonly maxUnacknowledged: number;
  readonly startsAt: number;
  /** What must have ended before the first event is looked at: a handler of the epoch before, or the reading of history. */
  readonly after: Promise<unknown>;
  readonly over: AbortSignal;
  readonly pause: () => void;
  readonly resume: () => void;
  /** A fault of a hook, or of this library. */
  readonly fail: (error: unknown) => void;
}

/** One partition in one epoch: its records one after the other. */
export interface Partition {
  take(records: readonly KafkaRecord[]): void;
  /** No event is begun any more. Resolves when the handler under way has ended. */
  halt(): Promise<void>;
  /** The offset to commit. */
  position(): number;
  unacknowledged(): number;
}

const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export function createPartition<T>(options: PartitionOptions<T>): Partition {
  const { decode, meaningOf, memory, count, maxUnacknowledged, over, onSkipped } = options;
  const mark = createLowWaterMark(options.startsAt);
  const halting = new AbortController();
  const halted = AbortSignal.any([halting.signal, over]);
  let waiting: KafkaRecord[] = [];
  let waitingBytes = 0;
  // As Kafka gives it.
  let paused = true;
  let working: Promise<void> | undefined;

  function done({ offset }: KafkaRecord): void {
    mark.done(offset);
    regulate();
  }

  function regulate(): void {
    if (halted.aborted) return;
    const isFull = mark.unfinished() >= maxUnacknowledged || waitingBytes >= MAX_WAITING_BYTES;
    const isRoomy = mark.unfinished() <= maxUnacknowledged / 2 && waitingBytes <= MAX_WAITING_BYTES / 2;
    if (!paused && isFull) {
      paused = true;
      options.pause();
    } else if (paused && isRoomy) {
      paused = false;
      options.resume();
    }
  }

  async function handle(record: KafkaRecord): Promise<void> {
    const decoding = decode(record, halted);
    const decoded = decoding instanceof Promise ? await decoding : decoding;
    if (decoded === undefined) return;
    if (!decoded.ok) {
      count('skipped');
      onSkipped?.({ record, code: decoded.code, text: decoded.text });
      return done(record);
    }
    const event = decoded.value;
    if (memory.isAcknowledged(event)) {
      count('duplicates');
      return done(record);
    }
    const meaning = meaningOf(event, record.partition);
    function finish(): void {
      meaning.done(() => memory.acknowledged(event));
      done(record);
    }
    if (meaning.what === undefined) return finish();
    count('delivered');
    await deliver(meaning.what, record, options, { over, halted }, () => {
      count('acknowledged');
      finish();
    });
  }

  async function work(): Promise<void> {
    await options.after;
    while (waiting.length > 0) {
      // All that has come meanwhile at once: to take each from the front of a long list would cost its length.
      const batch = waiting;
      waiting = [];
      for (const record of batch) {
        if (halted.aborted) return;
        waitingBytes -= sizeOf(record);
        regulate();
        await handle(record);
      }
    }
  }

  function keepWorking(): void {
    if (working !== undefined || halted.aborted) return;
    working = work()
      .catch(options.fail)
      .finally(() => {
        working = undefined;
        if (waiting.length > 0) keepWorking();
      });
  }

  regulate();
  return {
    take(records) {
      if (halted.aborted) return;
      for (const record of records) {
        mark.received(record.offset);
        waitingBytes += sizeOf(record);
        waiting.push(record);
      }
      regulate();
      keepWorking();
    },
    async halt() {
      halting.abort();
      // Also where nothing came yet that would have waited for it.
      await options.after;
      await working;
    },
    position: mark.position,
    unacknowledged: mark.unfinished,
  };
}

const sizeOf = ({ value, key }: KafkaRecord): number => (value?.length ?? 0) + (key?.length ?? 0);
