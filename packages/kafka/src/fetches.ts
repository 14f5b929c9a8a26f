import type { Broker, Cluster } from 'kafkajs';

type Request = Parameters<Broker['fetch']>[0];

/** What kafkajs leaves out of its types: a broker's second connection is for fetches alone. */
interface Reachable {
  readonly connectionPool: { readonly pool: readonly { rejectRequests(error: Error): void }[] };
}
const FETCH_CONNECTION = 1;

/** How long a consumer's fetches wait at the broker for records that do not come. */
export interface Fetches {
  /** Sees to what is fetched from now on. */
  watch(cluster: Pick<Cluster, 'findBroker'>): void;
  /** Waits for none that is under way any more: each is as one that brought nothing. */
  abandon(): void;
}

/**
 * A partition that is resumed is part of the next fetch, so one that leaves partitions out is to wait only shortly:
 * as long as kafkajs was told. A fetch of everything can wait longer: nothing that is resumed has to wait for it,
 * and records end it at once. To wait four times a second is most of what a reader costs to which nothing comes.
 * @param isOfEverything whether no partition is left out of a fetch that is made now
 */
export function createFetches(isOfEverything: () => boolean, longWaitMs: number): Fetches {
  const underWay = new Set<() => void>();

  async function fetch(broker: Broker, request: Request): Promise<unknown> {
    const abandoned = Promise.withResolvers<unknown>();
    function abandon(): void {
      abandoned.resolve({ responses: [] });
      // Else a connection that is to be closed waits for its answer.
      const { pool } = (broker as Broker & Reachable).connectionPool;
      pool[FETCH_CONNECTION]?.rejectRequests(new Error('the fetch was abandoned'));
    }
    underWay.add(abandon);
    try {
      return await Promise.race([broker.fetch(request), abandoned.promise]);
    } finally {
      underWay.delete(abandon);
    }
  }

  return {
    watch(cluster) {
      const find = cluster.findBroker.bind(cluster);
      cluster.findBroker = async (node) => {
        // kafkajs asks for the broker in the same turn in which it has chosen what to fetch from it.
        const wait = isOfEverything() ? { maxWaitTime: longWaitMs } : {};
        return withFetch(await find(node), (broker, request) => fetch(broker, { ...request, ...wait }));
      };
    },
    abandon() {
      for (const one of [...underWay]) one();
    },
  };
}

function withFetch(broker: Broker, fetch: (broker: Broker, request: Request) => Promise<unknown>): Broker {
  return new Proxy(broker, {
    get(target, name) {
      if (name === 'fetch') return (request: Request) => fetch(target, request);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
