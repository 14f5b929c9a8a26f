import type { Admin, Kafka, KafkaRecord } from '@whatsapp-stream/kafka';

/** Without a record for so long, something is wrong with the reading. */
const STALLED_AFTER_MS = 60_000;

/**
 * Every record of a topic from its oldest to the end as it stood.
 * @throws when part of it was deleted meanwhile, or nothing comes for a minute
 */
export async function readToEnd(
  kafka: Pick<Kafka, 'readTopic'>,
  admin: Pick<Admin, 'offsets'>,
  topic: string,
): Promise<readonly KafkaRecord[]> {
  const ends = await admin.offsets(topic);
  const wanted = [...ends].filter(([, { low, high }]) => low < high);
  if (wanted.length === 0) return [];

  const read: KafkaRecord[] = [];
  const reached = Promise.withResolvers<void>();
  let look = () => {};
  let stalled = setTimeout(tellStalled, STALLED_AFTER_MS);
  function tellStalled(): void {
    reached.reject(new Error(`${topic} could not be read to its end`));
  }
  const reader = await kafka.readTopic(topic, 'beginning', {
    records(records) {
      for (const record of records) if (isBefore(ends, record)) read.push(record);
      clearTimeout(stalled);
      stalled = setTimeout(tellStalled, STALLED_AFTER_MS);
      look();
    },
    gap({ cause, partition }) {
      if (cause === 'retention')
        reached.reject(new Error(`records of ${topic}/${partition} are gone: nothing can be proved`));
      else look();
    },
    failed: reached.reject,
  });
  look = () => {
    const positions = reader.positions();
    if (wanted.every(([partition, { high }]) => (positions.get(partition) ?? 0) >= high)) reached.resolve();
  };
  look();
  try {
    await reached.promise;
    return read;
  } finally {
    clearTimeout(stalled);
    await reader.close();
  }
}

function isBefore(
  ends: ReadonlyMap<number, { readonly high: number }>,
  { partition, offset }: Pick<KafkaRecord, 'partition' | 'offset'>,
): boolean {
  return offset < (ends.get(partition)?.high ?? 0);
}
