import type { Kafka, KafkaRecord, StartAt } from '@whatsapp-stream/kafka';
import type {
  RegistryUnavailableError,
  SchemaRegistry,
  StatusEvent,
  Undecoded,
} from '@whatsapp-stream/schemas';
import { TopicNotFoundError } from './errors.ts';
import { createPatientDecoder } from './patient-decoder.ts';

/** A record that is not an event as we know it. */
export interface Skipped {
  readonly record: KafkaRecord;
  readonly code: Undecoded['code'];
  /** For people; tells nothing of the record's content. */
  readonly text: string;
}

export interface ReadStatusOptions {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly topic: string;
  readonly from: StartAt;
  /**
   * Called for each event, in the order of its partition, so in order for one message. Duplicates come as they
   * lie in the log. An error that is thrown here ends the reading.
   */
  readonly onEvent: (event: StatusEvent, record: KafkaRecord) => void;
  /** Called for each record that cannot be read; the next one goes on. */
  readonly onSkipped?: (skipped: Skipped) => void;
  /** The registry does not answer; it is asked again each second, and nothing is skipped. */
  readonly onWaiting?: (error: RegistryUnavailableError) => void;
}

export interface StatusReading {
  /** Resolves when everything is handed over that is in the topic now. Rejects as `failed` does. */
  caughtUp(): Promise<void>;
  /** How many records could not be read. */
  skipped(): number;
  /** Never resolves; rejects with what ended the reading. */
  readonly failed: Promise<never>;
  /** Afterwards nothing more is handed over. */
  close(): Promise<void>;
}

/**
 * Reads status events from `from` on, and goes on with new ones until it is closed. It belongs to no group that
 * others see, and every reader gets every event.
 * @throws TopicNotFoundError, or when Kafka cannot be reached
 */
export async function readStatus(options: ReadStatusOptions): Promise<StatusReading> {
  const { kafka, topic, from } = options;
  const failure = Promise.withResolvers<never>();
  // Who never looks at `failed` hears of it by `caughtUp`, and must not die of an unhandled rejection.
  failure.promise.catch(() => undefined);
  const stop = new AbortController();
  const hand = createHandOver(options, stop.signal);
  const waiting = new Set<() => void>();
  let handled: Promise<void> = Promise.resolve();
  const end = (error: unknown) => {
    stop.abort();
    failure.reject(error);
  };

  const admin = await kafka.admin();
  try {
    if ((await admin.describeTopic(topic)) === null) throw new TopicNotFoundError(topic);
    const reader = await kafka.readTopic(topic, from, {
      records(records) {
        handled = handled.then(() => hand.over(records)).catch(end);
        for (const look of waiting) look();
      },
      failed: end,
    });
    return {
      skipped: hand.skipped,
      failed: failure.promise,
      async caughtUp() {
        const ends = await admin.offsets(topic);
        const reached = Promise.withResolvers<void>();
        const look = () => {
          const positions = reader.positions();
          // A partition that retention has emptied has no record that could bring us to its end.
          const behind = [...ends].some(
            ([partition, { low, high }]) => low < high && (positions.get(partition) ?? 0) < high,
          );
          if (!behind) reached.resolve();
        };
        waiting.add(look);
        look();
        try {
          await Promise.race([reached.promise, failure.promise]);
          await Promise.race([handled, failure.promise]);
        } finally {
          waiting.delete(look);
        }
      },
      async close() {
        end(new Error(`the reading of ${topic} was closed`));
        await Promise.all([reader.close(), handled, admin.close()]);
      },
    };
  } catch (error) {
    await admin.close();
    throw error;
  }
}

function createHandOver(options: ReadStatusOptions, stopped: AbortSignal) {
  const decode = createPatientDecoder(options.registry, 'StatusEvent', options.onWaiting);
  let skipped = 0;
  return {
    skipped: () => skipped,
    async over(records: readonly KafkaRecord[]): Promise<void> {
      for (const record of records) {
        const decoding = decode(record, stopped);
        const decoded = decoding instanceof Promise ? await decoding : decoding;
        if (decoded === undefined || stopped.aborted) return;
        if (decoded.ok) {
          options.onEvent(decoded.value, record);
        } else {
          skipped += 1;
          options.onSkipped?.({ record, code: decoded.code, text: decoded.text });
        }
      }
    },
  };
}
