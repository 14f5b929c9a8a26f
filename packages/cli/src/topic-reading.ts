import type { Kafka, KafkaRecord, Offsets, StartAt } from '@whatsapp-stream/kafka';
import { aborted } from './command.ts';

/** A topic that is being read until it is closed. */
export interface TopicReading {
  /**
   * Resolves once everything below these offsets was handed over, or `stop` is aborted. Rejects when the reader ended
   * for good.
   */
  reach(ends: Offsets, stop: AbortSignal): Promise<void>;
  /** Afterwards nothing more is handed over. */
  close(): Promise<void>;
}

/**
 * Reads a topic from `from` on.
 * @param take is handed consecutive records of a partition
 * @throws when the topic does not exist or Kafka cannot be reached
 */
export async function openReading(
  kafka: Pick<Kafka, 'readTopic'>,
  topic: string,
  from: StartAt,
  take: (records: readonly KafkaRecord[]) => void,
): Promise<TopicReading> {
  const failure = Promise.withResolvers<never>();
  // Who waits for nothing at that moment hears of it by the next `reach`.
  failure.promise.catch(() => undefined);
  const looks = new Set<() => void>();
  const lookAll = () => {
    for (const look of looks) look();
  };
  const reader = await kafka.readTopic(topic, from, {
    records(records) {
      take(records);
      lookAll();
    },
    gap: lookAll,
    failed: failure.reject,
  });
  return {
    async reach(ends, stop) {
      const reached = Promise.withResolvers<void>();
      const look = () => {
        const positions = reader.positions();
        if ([...ends].every(([partition, end]) => (positions.get(partition) ?? 0) >= end)) reached.resolve();
      };
      looks.add(look);
      look();
      try {
        await Promise.race([reached.promise, failure.promise, aborted(stop)]);
      } finally {
        looks.delete(look);
      }
    },
    close: () => reader.close(),
  };
}
