import type { ClusterSettings } from '@whatsapp-stream/analytics/export';
import { createKafka, type Kafka } from '@whatsapp-stream/kafka';
import { connectRegistry, type SchemaRegistry, type TopicNames } from '@whatsapp-stream/schemas';
import {
  createLogger,
  EXIT,
  groupSettings,
  kafkaFaults,
  kafkaOptions,
  kafkaSettings,
  logSettings,
  read,
  readSettings,
  registrySettings,
  type SettingsOf,
  type SettingsSpec,
  shownUrl,
  topicFaults,
  topicNames,
  topicSettings,
} from '@whatsapp-stream/service-kit';
import { CommandError, errorText } from './command.ts';
import { type Demo, readDemoFile } from './demo-file.ts';

/** The cluster that a command works on. */
export interface Connection {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly names: TopicNames;
  /** The same cluster in plain values, for threads of their own. */
  readonly settings: ClusterSettings;
  /** The group whose committed offsets tell what waits in the lanes. */
  readonly senderGroup: string;
  readonly replicationFactor: number;
  /** For people: "Kafka at 127.0.0.1:9092". */
  readonly shownKafka: string;
  /** For people, without credentials. */
  readonly shownRegistry: string;
}

export interface ConnectionOptions {
  readonly program: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Is told when a running demo is used. */
  readonly note?: (line: string) => void;
  readonly findDemo?: () => Demo | null;
}

/** What the commands read from the environment. */
export const connectionSettings = {
  ...kafkaSettings,
  ...registrySettings,
  ...topicSettings,
  ...groupSettings,
  KAFKA_REPLICATION_FACTOR: {
    describe: 'Copies of each partition that the topics are created with; 3 in production.',
    default: '1',
    schema: read.integer(1, 100),
  },
  // A person reads the output: the libraries' lines come only when they are asked for.
  LOG_LEVEL: { ...logSettings.LOG_LEVEL, default: 'silent' },
} as const satisfies SettingsSpec;

const NOWHERE = `Where is Kafka? Neither KAFKA_BROKERS nor SCHEMA_REGISTRY_URL is set, and no demo is running here.
  For a cluster:  export KAFKA_BROKERS=host:9092 SCHEMA_REGISTRY_URL=http://host:8081
  For the demo:   npm start   (in another terminal)`;

/**
 * The cluster that the environment names; where it names none, the demo that this user runs on this machine.
 * Nothing is connected yet.
 * @throws CommandError (78) that lists every fault of the environment
 */
export function connection(options: ConnectionOptions): Connection {
  const values = settingsFrom(options);
  const { SCHEMA_REGISTRY_URL: registryUrl } = values;
  // Logs go to stderr: stdout is the command's output.
  const log = createLogger(options.program, values.LOG_LEVEL, process.stderr);
  const names = topicNames(values);
  const way = kafkaOptions(values, `whatsapp-stream-${options.program}`);
  return {
    kafka: createKafka({ ...way, log }),
    registry: connectRegistry({ url: registryUrl }),
    names,
    settings: { ...way, registry: registryUrl, topics: names },
    senderGroup: values.SENDER_GROUP,
    replicationFactor: values.KAFKA_REPLICATION_FACTOR,
    shownKafka: `Kafka at ${values.KAFKA_BROKERS.join(', ')}`,
    shownRegistry: `the schema registry at ${shownUrl(registryUrl)}`,
  };
}

function settingsFrom(options: ConnectionOptions): SettingsOf<typeof connectionSettings> {
  const { program, env = process.env, note, findDemo = readDemoFile } = options;
  const result = readSettings(connectionSettings, withDemo(env, findDemo, note));
  const faults = result.ok ? [...kafkaFaults(result.values), ...topicFaults(result.values)] : result.faults;
  if (result.ok && faults.length === 0) return result.values;
  const list = faults.map((fault) => `\n  - ${fault}`).join('');
  throw new CommandError(`${program} cannot start, its environment is wrong:${list}`, EXIT.configuration);
}

function withDemo(
  env: NodeJS.ProcessEnv,
  findDemo: () => Demo | null,
  note: ConnectionOptions['note'],
): NodeJS.ProcessEnv {
  const given = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'SCHEMA_REGISTRY_URL_FILE'].some(
    (name) => env[name],
  );
  if (given) return env;
  const demo = findDemo();
  if (demo === null) throw new CommandError(NOWHERE, EXIT.configuration);
  note?.(`using the demo that runs here: Kafka at ${demo.brokers}`);
  return { ...env, KAFKA_BROKERS: demo.brokers, SCHEMA_REGISTRY_URL: demo.registryUrl };
}

/**
 * Makes sure that both ends answer before anything is done.
 * @throws CommandError (69) that says which does not
 */
export async function reach({ kafka, registry }: Connection): Promise<void> {
  await answersOf([askKafka(kafka), registry.ping()]);
}

/**
 * The same for what needs no schemas: a brake must hold while the registry is away.
 * @throws CommandError (69)
 */
export async function reachKafka({ kafka }: Connection): Promise<void> {
  await answersOf([askKafka(kafka)]);
}

async function askKafka(kafka: Kafka): Promise<void> {
  await kafka.ping().catch((error: unknown) => {
    throw new Error(
      `Kafka cannot be reached, ${errorText(error)}. Is it running, and is KAFKA_BROKERS right?`,
    );
  });
}

async function answersOf(asked: readonly Promise<void>[]): Promise<void> {
  const faults = (await Promise.allSettled(asked)).flatMap((answer) =>
    answer.status === 'rejected' ? [errorText(answer.reason)] : [],
  );
  if (faults.length > 0) throw new CommandError(faults.join('\n'), EXIT.unavailable);
}
