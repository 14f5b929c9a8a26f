import type { KafkaRecord, OffsetGap, StartAt, TopicReader, TopicReaderEvents } from '@whatsapp-stream/kafka';
import { createWatch, keysOf, type Watch, type World } from './world.ts';

/** A reader that notes all that it is told. */
export interface NotingReader extends Pick<Watch, 'until'> {
  readonly reader: TopicReader;
  readonly records: readonly KafkaRecord[];
  readonly gaps: readonly OffsetGap[];
  readonly failures: readonly Error[];
  /** Resolves when the positions have come to the ends of the log as it stands now. */
  reachEnd(): Promise<void>;
}

/**
 * @param handlers called before the reader notes what it is told
 * @param brokers another way to the broker than the world's
 */
export async function startReader(
  world: World,
  topic: string,
  from: StartAt,
  handlers: Partial<TopicReaderEvents> = {},
  brokers?: readonly string[],
): Promise<NotingReader> {
  const kafka = world.newKafka(brokers);
  const records: KafkaRecord[] = [];
  const gaps: OffsetGap[] = [];
  const failures: Error[] = [];
  const watch = createWatch(() => ({ records: keysOf(records).slice(-20), gaps, failures: failures.length }));
  const reader = await kafka.readTopic(topic, from, {
    records(batch) {
      handlers.records?.(batch);
      records.push(...batch);
      watch.look();
    },
    gap(gap) {
      handlers.gap?.(gap);
      gaps.push(gap);
      watch.look();
    },
    failed(error) {
      failures.push(error);
      watch.look();
    },
  });
  return {
    reader,
    records,
    gaps,
    failures,
    until: watch.until,
    async reachEnd() {
      const admin = await kafka.admin();
      const ends = await admin.offsets(topic);
      await admin.close();
      await watch.until('the reader is at the end', () => {
        const positions = reader.positions();
        // Beyond it where the marker of an ended transaction was written only after the broker was asked.
        return [...ends].every(([partition, { high }]) => (positions.get(partition) ?? 0) >= high);
      });
    },
  };
}

/** Every record of the topic as it stands, by partition and offset. */
export async function readAll(world: World, topic: string): Promise<readonly KafkaRecord[]> {
  const { reader, records, reachEnd } = await startReader(world, topic, 'beginning');
  try {
    await reachEnd();
  } finally {
    await reader.close();
  }
  return records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
