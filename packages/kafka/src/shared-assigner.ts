import type { Assigner, Cluster, GroupMember, PartitionAssigner } from 'kafkajs';
import { AssignerProtocol } from './client-library.ts';
import { keyOf } from './feed.ts';
import type { TopicPartition } from './port.ts';
import { shareOut } from './share-out.ts';

const NAME = 'whatsapp-stream-shared';
const VERSION = 1;

/**
 * A partition assigner that shares partitions out evenly and lets members keep what they have; each tells what that
 * is in the member user data. All members of a group read the same topics.
 * @param has what this member had in the last epoch
 * @param joining called before each join
 * @param watch is given the cluster that the consumer speaks through
 */
export function sharedAssigner(
  has: () => readonly TopicPartition[],
  joining: () => void,
  watch: (cluster: Cluster) => void,
): PartitionAssigner {
  return ({ cluster }) => {
    watch(cluster);
    return assignerOf(cluster, has, joining);
  };
}

function assignerOf(cluster: Cluster, has: () => readonly TopicPartition[], joining: () => void): Assigner {
  return {
    name: NAME,
    version: VERSION,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(has().map(keyOf)));
      joining();
      return {
        name: NAME,
        metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData }),
      };
    },
    async assign({ members, topics }) {
      const partitions = new Map(allPartitions(cluster, topics).map((one) => [keyOf(one), one]));
      const sharers = members.map((member) => ({ id: member.memberId, had: hadBy(member) }));
      const shares = shareOut(sharers, [...partitions.keys()]);
      return [...shares].map(([memberId, keys]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment: byTopic(keys.flatMap((key) => partitions.get(key) ?? [])),
          userData: Buffer.alloc(0),
        }),
      }));
    },
  };
}

/** What cannot be read is a member that had nothing: it is only a wish. */
function hadBy({ memberMetadata }: GroupMember): readonly string[] {
  try {
    const text = AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData.toString() ?? '[]';
    const had: unknown = JSON.parse(text);
    return Array.isArray(had) ? had.filter((key) => typeof key === 'string') : [];
  } catch {
    return [];
  }
}

function allPartitions(cluster: Cluster, topics: readonly string[]): readonly TopicPartition[] {
  return topics.flatMap((topic) =>
    cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partition: partitionId })),
  );
}

function byTopic(partitions: readonly TopicPartition[]): Record<string, number[]> {
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  return Object.fromEntries(
    [...topics].map(([topic, of]) => [topic, of.map(({ partition }) => partition)] as const),
  );
}
