import type { Cluster } from 'kafkajs';
import { createCommitFence } from './commit-fence.ts';
import { keyOf } from './feed.ts';
import { asAssigned, firstPositions, readSince, writeSince } from './first-positions.ts';
import { type AdapterContext, createGroupConsumer } from './group-consumer.ts';
import type {
  Admin,
  AssignedPartition,
  RecordPosition,
  SharedConsumer,
  SharedConsumerEvents,
  SharedConsumerOptions,
  TopicPartition,
} from './port.ts';
import { sharedAssigner } from './shared-assigner.ts';
import { startingPoints } from './starting-points.ts';

/** Some hundreds of status events. */
const MAX_BYTES_PER_PARTITION = 128 * 1024;
/** What may be waited for before a join: the others wait too, and no heartbeat is sent meanwhile. */
const ENDING_SESSIONS = 1 / 3;

export function createSharedConsumer(
  context: AdapterContext,
  options: SharedConsumerOptions,
  events: SharedConsumerEvents,
): SharedConsumer {
  const { group, sessionTimeoutMs } = options;
  let current: { readonly epoch: number; readonly partitions: readonly TopicPartition[] } | undefined;
  let had: readonly TopicPartition[] = [];
  /** What is committed with a partition's position: the moment that the group began at. */
  const moments = new Map<string, string>();
  const fence = createCommitFence((epoch) => member.isOver(epoch));

  const member = createGroupConsumer(
    context,
    {
      group,
      topics: options.topics,
      sessionTimeoutMs,
      maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      assigner: (joining, watch) => sharedAssigner(() => had, joining, watch),
      startingPoints: startsOf,
      watchers: [fence, { watch }],
    },
    {
      epochEnded() {
        current = undefined;
        events.epochEnded();
      },
      joined(epoch, partitions) {
        current = { epoch, partitions };
        had = partitions;
        events.assigned(epoch, partitions);
      },
      records: (epoch, records) => events.records(epoch, records),
      gap: (gap) => events.gap(gap),
      failed: (error) => events.failed(error),
    },
  );

  /**
   * Before each join kafkajs looks for the group's coordinator, and waits for the answer: the one place where an epoch
   * that is about to end can be waited for, and where the coordinator still takes its commits.
   */
  function watch(cluster: Cluster): void {
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (of) => {
      await ending();
      return find(of);
    };
  }

  async function ending(): Promise<void> {
    if (current === undefined) return;
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, sessionTimeoutMs * ENDING_SESSIONS);
    try {
      await Promise.race([events.ending(current.epoch), patience.promise]);
    } catch (error) {
      context.log.warn({ err: error }, 'what was to be done before the group is shared anew was not done');
    } finally {
      clearTimeout(timer);
    }
  }

  function commit(epoch: number, positions: readonly RecordPosition[]): Promise<boolean> {
    const commits = positions.map((one) => ({ ...one, metadata: moments.get(keyOf(one)) ?? '' }));
    return fence.make(epoch, () => member.commit(epoch, commits));
  }

  /** A first position is committed before anything is delivered: who starts anew does not choose another one. */
  async function startsOf(
    admin: Admin,
    epoch: number,
    partitions: readonly TopicPartition[],
  ): Promise<readonly AssignedPartition[]> {
    const assigned = await startingPoints(admin, group, partitions, context.log);
    for (const { committed, ...one } of assigned) {
      const since = readSince(committed?.metadata ?? '');
      if (since !== undefined) moments.set(keyOf(one), writeSince(since));
    }
    const fresh = assigned.filter(({ committed }) => committed === null);
    if (fresh.length === 0) return assigned;
    const commits = await admin.committed(group, [...new Set(fresh.map(({ topic }) => topic))]);
    const first = await firstPositions(admin, fresh, commits, options.from, Date.now);
    for (const one of first) moments.set(keyOf(one), writeSince(one.since));
    const positions = first.map(({ topic, partition, startsAt }) => ({ topic, partition, offset: startsAt }));
    if (!(await commit(epoch, positions))) throw new Error('the first positions were not committed');
    return [...assigned.filter(({ committed }) => committed !== null), ...first.map(asAssigned)];
  }

  return {
    start: () => member.start(),
    pause: (partition) => member.pause(partition),
    resume: (partition) => member.resume(partition),
    commit,
    stop: () => member.stop(),
  };
}
