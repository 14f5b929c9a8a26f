import type { Socket } from 'node:net';
import type { Broker, Cluster, ISocketFactory, KafkaConfig, Logger } from 'kafkajs';
import { knownLibraryModule } from './library-module.ts';
import { createSocketFactory } from './sockets.ts';

/** One of a broker's connections. */
interface InnerConnection {
  readonly socket?: Socket | null;
  rejectRequests(error: Error): void;
}

/** A request and how its answer is read, as kafkajs wants both. */
export interface InnerRequest<T> {
  readonly request: object;
  readonly response: { decode(bytes: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
  readonly requestTimeout: number;
}

/** What kafkajs has beside what its types tell. */
export interface InnerBroker extends Broker {
  readonly connectionPool: {
    readonly pool: readonly InnerConnection[];
    send<T>(request: InnerRequest<T>): Promise<T>;
  };
  /** @returns what `protocol` makes of the newest version that the broker has, too */
  lookupRequest<T>(
    apiKey: number,
    definition: { readonly versions: readonly string[]; protocol(of: { readonly version: number }): T },
  ): T;
}

export interface InnerCluster extends Cluster {
  findBroker(node: { nodeId: string }): Promise<InnerBroker>;
  readonly brokerPool: {
    readonly brokers: Readonly<Record<string, InnerBroker>>;
    readonly seedBroker?: InnerBroker;
  };
}

type ClusterSettings = KafkaConfig & {
  readonly logger: Logger;
  readonly socketFactory: ISocketFactory;
  readonly allowAutoTopicCreation: boolean;
  readonly isolationLevel: number;
};

/** For readers of what is committed. */
const READ_COMMITTED = 1;

/**
 * The part of kafkajs that knows brokers, leaders and connections, without the clients on top of it: these read only
 * as members of a group. It is connected by `connect` and has no connection before.
 */
export function createInnerCluster(settings: KafkaConfig, logger: Logger): InnerCluster {
  const Inner = knownLibraryModule<new (settings: ClusterSettings) => InnerCluster>('cluster/index.js');
  return new Inner({
    ...settings,
    logger,
    socketFactory: createSocketFactory(),
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
}

/** Closes all connections at once; what is under way fails. kafkajs by itself waits for the answers. */
export async function closeAtOnce(cluster: InnerCluster): Promise<void> {
  const { brokers, seedBroker } = cluster.brokerPool;
  const known = new Set([...Object.values(brokers), ...(seedBroker ? [seedBroker] : [])]);
  for (const connection of [...known].flatMap(({ connectionPool }) => connectionPool.pool)) {
    connection.rejectRequests(new Error('the connection is being closed'));
    connection.socket?.destroy();
  }
  await cluster.disconnect();
}
