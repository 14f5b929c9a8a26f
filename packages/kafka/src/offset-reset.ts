import { createRequire } from 'node:module';

interface OffsetManager {
  readonly cluster: {
    fetchTopicsOffset(
      topics: readonly { topic: string; fromBeginning: boolean; partitions: { partition: number }[] }[],
    ): Promise<readonly { partitions: readonly { partition: number; offset: string }[] }[]>;
  };
  readonly resolvedOffsets: Record<string, Record<number, string>>;
  setDefaultOffset(of: { topic: string; partition: number }): Promise<void>;
}

/**
 * When an offset is out of range, kafkajs 2.2.4 starts over at the oldest record by *committing* the offset -2
 * for the group, also with `autoCommit: false`: the committed offset and its metadata are gone, and a reader
 * that never commits has committed. Here the position moves and nothing is committed.
 *
 * A position beyond the end is one of a log that was cut, or of a topic that was made anew. What is written there
 * before the end is back at the position would be passed over without a word, so the consumer ends for good: who
 * starts again asks where the log begins.
 */
export function keepCommitsWhenOutOfRange(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/consumer/offsetManager') as { prototype: OffsetManager };
  prototype.setDefaultOffset = async function startOver(this: OffsetManager, { topic, partition }) {
    const [oldest, end] = await Promise.all(
      [true, false].map((from) => offsetOf(this, from, topic, partition)),
    );
    const positions = this.resolvedOffsets[topic];
    const position = positions?.[partition];
    if (end !== undefined && position !== undefined && Number(position) > Number(end)) {
      const text = `${topic}/${partition} ends at ${end}, and was read up to ${position} before: it was cut, or made anew`;
      // What kafkajs does not try again.
      throw Object.assign(new Error(text), { retriable: false });
    }
    // A rebalance can have taken the topic away meanwhile; the next fetch asks again.
    if (oldest !== undefined && positions) positions[partition] = oldest;
  };
}

/** @returns the offset of the oldest record, or that of the next one */
async function offsetOf(
  { cluster }: OffsetManager,
  fromBeginning: boolean,
  topic: string,
  partition: number,
): Promise<string | undefined> {
  const [found] = await cluster.fetchTopicsOffset([{ topic, fromBeginning, partitions: [{ partition }] }]);
  return found?.partitions[0]?.offset;
}
