import { createCommitFence } from './commit-fence.ts';
import { exclusiveAssigner } from './exclusive-assigner.ts';
import { type AdapterContext, createGroupConsumer } from './group-consumer.ts';
import { createLease } from './lease.ts';
import { createPersistentMember } from './persistent-member.ts';
import type { ExclusiveConsumer, ExclusiveConsumerEvents, ExclusiveConsumerOptions } from './port.ts';
import { startingPoints } from './starting-points.ts';

export type { AdapterContext } from './group-consumer.ts';

/** A small fetch, so that a resumed partition waits little and no lane holds much of the memory. */
const MAX_BYTES_PER_PARTITION = 16 * 1024;

export function createExclusiveConsumer(
  context: AdapterContext,
  { group, topics, sessionTimeoutMs }: ExclusiveConsumerOptions,
  events: ExclusiveConsumerEvents,
): ExclusiveConsumer {
  const lease = createLease(sessionTimeoutMs);
  const fence = createCommitFence((epoch) => member.isOver(epoch));
  const newMember = () =>
    createGroupConsumer(
      context,
      {
        group,
        topics,
        sessionTimeoutMs,
        maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
        assigner: exclusiveAssigner,
        startingPoints: (admin, _epoch, partitions) => startingPoints(admin, group, partitions, context.log),
        watchers: [lease, fence],
      },
      {
        epochEnded() {
          lease.end();
          events.epochEnded();
        },
        joined(epoch, partitions) {
          if (partitions.length === 0) events.standingBy(epoch);
          else events.activated(epoch, partitions);
        },
        records: (epoch, records) => events.records(epoch, records),
        gap: (gap) => events.gap(gap),
        failed: (error) => events.failed(error),
      },
    );
  const member = createPersistentMember(newMember, context.log);
  return {
    start: () => member.start(),
    pause: (partition) => member.pause(partition),
    resume: (partition) => member.resume(partition),
    holdsLease: (epoch) => !member.isOver(epoch) && lease.holds(),
    commit: (epoch, commits) => fence.make(epoch, () => member.commit(epoch, commits)),
    stop: () => member.stop(),
  };
}
