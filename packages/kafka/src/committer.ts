import type { Consumer } from 'kafkajs';
import type { KafkaLog } from './kafkajs-log.ts';
import type { OffsetCommit } from './port.ts';

/** @returns true only when the broker has acknowledged the commits */
export type Committer = (isOver: () => boolean, commits: readonly OffsetCommit[]) => Promise<boolean>;

/**
 * kafkajs resolves `commitOffsets` without committing when its runner has stopped, so a commit counts only
 * when kafkajs has told of it. One at a time, so that what it tells of is known; `isOver` is asked when the
 * turn has come.
 */
export function createCommitter(
  consumer: Pick<Consumer, 'commitOffsets' | 'on' | 'events'>,
  log: KafkaLog,
): Committer {
  let acknowledged = 0;
  let last: Promise<unknown> = Promise.resolve();
  consumer.on(consumer.events.COMMIT_OFFSETS, () => {
    acknowledged += 1;
  });

  async function commit(commits: readonly OffsetCommit[]): Promise<boolean> {
    const before = acknowledged;
    try {
      await consumer.commitOffsets(commits.map((one) => ({ ...one, offset: String(one.offset) })));
    } catch (error) {
      log.warn({ err: error }, 'offsets were not committed');
      return false;
    }
    return acknowledged > before;
  }

  return (isOver, commits) => {
    const turn = last.then(() => !isOver() && commit(commits));
    last = turn;
    return turn;
  };
}
