import { createKafka, type Kafka, type KafkaLog, type KafkaOptions } from '@whatsapp-stream/kafka';
import {
  connectRegistry,
  DEFAULT_TOPIC_NAMES,
  type RegistryOptions,
  type SchemaRegistry,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import { isObject, optional, text, texts } from './checks.ts';

/** Brokers by their addresses, and how they want to be spoken to. */
export interface BrokerOptions extends Pick<KafkaOptions, 'ssl' | 'sasl'> {
  /** `host:port` of some of the cluster's brokers. */
  readonly brokers: readonly string[];
  /** Shown in the brokers' logs and quotas; `whatsapp-stream` unless told. */
  readonly clientId?: string;
  /** Where trouble with the cluster is told; nowhere unless told. pino's loggers fit. */
  readonly log?: KafkaLog;
  readonly kafka?: never;
}

/** A way to the cluster that the caller has already. */
export interface KnownKafka {
  readonly kafka: Kafka;
  readonly brokers?: never;
}

/** Where Kafka and the schema registry are, and what the topics are called. */
export type ClusterOptions = (BrokerOptions | KnownKafka) & {
  /** The URL of a registry that speaks Confluent's API (user and password may stand in it), or more about it. */
  readonly registry: string | RegistryOptions | SchemaRegistry;
  /** What differs from `whatsapp.send.otp`, `whatsapp.status` and so on. */
  readonly topics?: Partial<TopicNames>;
};

export interface Cluster {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly topics: TopicNames;
}

/**
 * Connects to nothing yet: the first question does.
 * @throws TypeError with every fault, also with what only JavaScript lets through
 */
export function clusterOf(options: ClusterOptions): Cluster {
  const faults = faultsOfCluster(options);
  if (faults.length > 0) throw new TypeError(`where Kafka and the registry are: ${faults.join('; ')}`);
  return {
    kafka: options.kafka ?? kafkaAt(options),
    registry: registryOf(options.registry),
    topics: { ...DEFAULT_TOPIC_NAMES, ...options.topics },
  };
}

const BROKER = /^[^\s/,]+:\d{1,5}$/;
const TOPICS = {
  lanes: optional(texts),
  status: optional(text),
  deadLetter: optional(text),
  control: optional(text),
};

function faultsOfCluster(options: unknown): readonly string[] {
  if (!isObject(options)) return ['options must be an object'];
  const { brokers, kafka, registry, topics } = options;
  const isRegistry = typeof registry === 'string' || isObject(registry);
  return [
    ...(kafka === undefined || brokers === undefined ? [] : ['give brokers or kafka, not both']),
    ...(kafka !== undefined || areBrokers(brokers)
      ? []
      : ["brokers must be an array of host:port, like ['localhost:9092']"]),
    ...(isRegistry ? [] : ['registry must be the URL of the schema registry, or more about it']),
    ...(isObject(topics) || topics === undefined ? [] : ['topics must be an object']),
    ...faultsOfTopics(isObject(topics) ? topics : {}),
  ];
}

/** Whoever knows more topics than we do may tell them all. */
function faultsOfTopics(topics: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(TOPICS).flatMap(([name, check]) => check(topics[name], `topics.${name}`, undefined));
}

function areBrokers(brokers: unknown): boolean {
  return (
    Array.isArray(brokers) &&
    brokers.length > 0 &&
    brokers.every((broker) => typeof broker === 'string' && BROKER.test(broker))
  );
}

function kafkaAt({ brokers, clientId = 'whatsapp-stream', log = SILENT, ssl, sasl }: BrokerOptions): Kafka {
  return createKafka({ brokers, clientId, log, ...(ssl && { ssl }), ...(sasl && { sasl }) });
}

function registryOf(registry: ClusterOptions['registry']): SchemaRegistry {
  if (typeof registry === 'string') return connectRegistry({ url: registry });
  return 'url' in registry ? connectRegistry(registry) : registry;
}

const ignore = () => undefined;
const SILENT: KafkaLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };
