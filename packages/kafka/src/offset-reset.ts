import { createRequire } from 'node:module';

interface OffsetManager {
  readonly cluster: {
    fetchTopicsOffset(
      topics: readonly { topic: string; fromBeginning: true; partitions: { partition: number }[] }[],
    ): Promise<readonly { partitions: readonly { partition: number; offset: string }[] }[]>;
  };
  readonly resolvedOffsets: Record<string, Record<number, string>>;
  setDefaultOffset(of: { topic: string; partition: number }): Promise<void>;
}

/**
 * When an offset is out of range, kafkajs 2.2.4 starts over at the oldest record by *committing* the offset -2
 * for the group, also with `autoCommit: false`: the committed offset and its metadata are gone, and a reader
 * that never commits has committed. Here the position moves and nothing is committed.
 */
export function keepCommitsWhenOutOfRange(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/consumer/offsetManager') as { prototype: OffsetManager };
  prototype.setDefaultOffset = async function startOver(this: OffsetManager, { topic, partition }) {
    const [found] = await this.cluster.fetchTopicsOffset([
      { topic, fromBeginning: true, partitions: [{ partition }] },
    ]);
    const oldest = found?.partitions[0]?.offset;
    const positions = this.resolvedOffsets[topic];
    // A rebalance can have taken the topic away meanwhile; the next fetch asks again.
    if (oldest !== undefined && positions) positions[partition] = oldest;
  };
}
