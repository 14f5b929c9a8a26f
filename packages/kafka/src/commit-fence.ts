import type { Cluster } from 'kafkajs';
import { overheard } from './overhear.ts';

/**
 * kafkajs makes a commit that failed again, under the newer generation if there is one by then: it would put the
 * position of a partition back that another member has by now. The fence lets none through whose epoch is over.
 */
export interface CommitFence {
  /** Sees to what the group's coordinator is asked from now on. */
  watch(cluster: Pick<Cluster, 'findBroker'>): void;
  /** Makes a commit of an epoch. One at a time, so that it is known whose commit is under way. */
  make(epoch: number, commit: () => Promise<boolean>): Promise<boolean>;
}

export function createCommitFence(isOver: (epoch: number) => boolean): CommitFence {
  let underWay: number | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function refuse(name: PropertyKey): undefined {
    if (name !== 'offsetCommit' || underWay === undefined || !isOver(underWay)) return;
    // What kafkajs does not try again.
    throw Object.assign(new Error('the epoch of the commit is over'), { retriable: false });
  }

  return {
    watch(cluster) {
      // By this kafkajs finds the coordinator, also anew when its connection was lost.
      const find = cluster.findBroker.bind(cluster);
      cluster.findBroker = async (node) => overheard(await find(node), refuse);
    },
    make(epoch, commit) {
      const turn = last.then(() => {
        underWay = epoch;
        return commit();
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
