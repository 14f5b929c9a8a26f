import type { KafkaConfig, Logger } from 'kafkajs';
import { createBackground } from '../background.ts';
import { closeAtOnce, createInnerCluster, type InnerBroker, type InnerRequest } from '../inner-cluster.ts';
import { knownLibraryModule } from '../library-module.ts';
import { type FetchAnswer, readFetchAnswer } from './fetch-answer.ts';

/** Where a partition is to be read from. */
export interface Position {
  readonly partition: number;
  readonly next: number;
}

/** A topic at its brokers. What fails can be asked again if `isPassing` says so of its error. */
export interface Source {
  /** The partitions by the broker that leads them now; those that do not exist are left out. */
  leaders(partitions: readonly number[]): ReadonlyMap<string, readonly number[]>;
  /** Answers as soon as there is anything, and after half a second when there is nothing. */
  fetch(leader: string, positions: readonly Position[]): Promise<FetchAnswer>;
  /** The oldest offset that a partition has. */
  oldest(partition: number): Promise<number>;
  /** Learns anew who leads what. */
  refresh(): Promise<void>;
  /** Waits for nothing; what is under way fails. */
  close(): Promise<void>;
}

interface FetchRequest {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly replicaId: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
}

/** Kafka's number for the request. */
const FETCH = 1;
/** Of Kafka 2.3 and later; the first that brings zstd is 10, the last that names topics by their names 12. */
const FETCH_VERSION = 11;
const NO_REPLICA = -1;
const MAX_BYTES_PER_PARTITION = 1024 * 1024;
const MAX_BYTES = 4 * 1024 * 1024;
const MIN_BYTES = 1;
const MAX_WAIT_MS = 500;
/** Beside `MAX_WAIT_MS`; no more than what kafkajs gives any request. */
const ANSWER_WITHIN_MS = 15_000;

/** @throws with the topic's name when there is no such topic, or no broker tells */
export async function openSource(settings: KafkaConfig, logger: Logger, topic: string): Promise<Source> {
  const cluster = createInnerCluster(settings, logger);
  const background = createBackground();
  // What is asked while it is being closed connects again: then it is to be closed again.
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    background.run(() => work.catch(() => undefined));
    return work;
  };

  async function fetch(leader: string, positions: readonly Position[]): Promise<FetchAnswer> {
    const broker = await cluster.findBroker({ nodeId: leader });
    try {
      return await broker.connectionPool.send(fetchRequest(broker, topic, positions));
    } catch (error) {
      // Nothing is known of the connection: an answer that comes late would find nobody.
      await broker.disconnect();
      throw error;
    }
  }

  async function oldest(partition: number): Promise<number> {
    const [found] = await cluster.fetchTopicsOffset([
      { topic, fromBeginning: true, partitions: [{ partition }] },
    ]);
    const offset = found?.partitions[0]?.offset;
    if (offset === undefined) throw new Error(`the oldest offset of ${topic}/${partition} is not known`);
    return Number(offset);
  }

  const close = () => background.closeAfter(() => closeAtOnce(cluster));
  try {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
  } catch (error) {
    await close();
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot read ${topic}: ${why}`, { cause: error });
  }
  return {
    leaders: (partitions) => new Map(Object.entries(cluster.findLeaderForPartitions(topic, [...partitions]))),
    fetch: (leader, positions) => tracked(fetch(leader, positions)),
    oldest: (partition) => tracked(oldest(partition)),
    refresh: () => tracked(cluster.refreshMetadata()),
    close,
  };
}

function fetchRequest(
  broker: InnerBroker,
  topic: string,
  positions: readonly Position[],
): InnerRequest<FetchAnswer> {
  const encode = knownLibraryModule<(request: FetchRequest) => object>(
    'protocol/requests/fetch/v11/request.js',
  );
  const partitions = positions.map(({ partition, next }) => ({
    partition,
    fetchOffset: String(next),
    maxBytes: MAX_BYTES_PER_PARTITION,
  }));
  return broker.lookupRequest(FETCH, {
    versions: [String(FETCH_VERSION)],
    protocol({ version }) {
      if (version < FETCH_VERSION) throw new Error('Kafka is older than 2.3');
      return {
        request: encode({
          replicaId: NO_REPLICA,
          maxWaitTime: MAX_WAIT_MS,
          minBytes: MIN_BYTES,
          maxBytes: MAX_BYTES,
          topics: [{ topic, partitions }],
        }),
        response: {
          decode: async (bytes) => withPause(readFetchAnswer(bytes)),
          parse: async (answer) => answer,
        },
        requestTimeout: MAX_WAIT_MS + ANSWER_WITHIN_MS,
      };
    },
  });
}

/** The connection keeps a pause that the broker asks for, under kafkajs' name for it. */
const withPause = (answer: FetchAnswer) => ({ ...answer, clientSideThrottleTime: answer.throttleMs });

/** What a broker's number for an error means. */
export function errorOfCode(code: number): Error {
  const { createErrorFromCode } = knownLibraryModule<{ createErrorFromCode(code: number): Error }>(
    'protocol/error.js',
  );
  return createErrorFromCode(code);
}
