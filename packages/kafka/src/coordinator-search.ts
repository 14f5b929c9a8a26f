import type { Cluster } from 'kafkajs';
import { KafkaJSError } from './client-library.ts';

/**
 * Where no broker answers, kafkajs 2.2.4 says that a group has no coordinator, which it never tries again: a consumer
 * that joins in such a moment would end for good. Here it is an error like any other of a cluster that is away.
 */
export function keepLookingForCoordinator(cluster: Pick<Cluster, 'findGroupCoordinator'>): void {
  const find = cluster.findGroupCoordinator.bind(cluster);
  cluster.findGroupCoordinator = async (group) => {
    try {
      return await find(group);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'KafkaJSGroupCoordinatorNotFound')) throw error;
      // By default it is tried again.
      throw new KafkaJSError('no broker tells which one coordinates the group');
    }
  };
}
