import { randomUUID } from 'node:crypto';
import type { Assigner, Cluster, GroupMember, PartitionAssigner } from 'kafkajs';
import { AssignerProtocol } from './client-library.ts';

const NAME = 'whatsapp-stream-exclusive';
const VERSION = 1;

/**
 * A partition assigner by which the group's leader gives every partition to itself.
 *
 * In Kafka's classic protocol only the leader runs the assigner, and it stays the leader for as long as it
 * lives, so exactly one member is active, through joins and leaves of the others. The leader is told which of
 * the members it is by an id in the member user data.
 * @param joining called before each join, when what was assigned before is about to be over
 * @param watch is given the cluster that the consumer speaks through: kafkajs gives it to assigners alone
 */
export function exclusiveAssigner(joining: () => void, watch: (cluster: Cluster) => void): PartitionAssigner {
  const instanceId = Buffer.from(randomUUID());
  return ({ cluster }) => {
    watch(cluster);
    return assignerOf(cluster, instanceId, joining);
  };
}

function assignerOf(cluster: Cluster, instanceId: Buffer, joining: () => void): Assigner {
  return {
    name: NAME,
    version: VERSION,
    protocol({ topics }) {
      joining();
      return {
        name: NAME,
        metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: instanceId }),
      };
    },
    async assign({ members, topics }) {
      const everything = allPartitions(cluster, topics);
      return members.map((member) => ({
        memberId: member.memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment: isInstance(member, instanceId) ? everything : {},
          userData: Buffer.alloc(0),
        }),
      }));
    },
  };
}

function isInstance(member: GroupMember, instanceId: Buffer): boolean {
  return AssignerProtocol.MemberMetadata.decode(member.memberMetadata)?.userData.equals(instanceId) ?? false;
}

function allPartitions(cluster: Cluster, topics: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(
    topics.map((topic) => [
      topic,
      cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
    ]),
  );
}
