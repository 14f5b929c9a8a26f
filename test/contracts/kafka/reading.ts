import type { KafkaRecord, StartAt, TopicReader, TopicReaderEvents } from '@whatsapp-stream/kafka';
import { type Notes, takeNotes } from './notes.ts';
import type { World } from './world.ts';

/** A reader that notes all that it is told. */
export interface NotingReader extends Notes {
  readonly reader: TopicReader;
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
  const taker = takeNotes();
  const reader = await kafka.readTopic(topic, from, {
    records(batch) {
      handlers.records?.(batch);
      taker.records(batch);
    },
    gap(gap) {
      handlers.gap?.(gap);
      taker.gap(gap);
    },
    failed: taker.failed,
  });
  return {
    reader,
    ...taker.notes,
    async reachEnd() {
      const admin = await kafka.admin();
      const ends = await admin.offsets(topic);
      await admin.close();
      await taker.notes.until('the reader is at the end', () => {
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
