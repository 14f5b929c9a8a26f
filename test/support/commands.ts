import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { setUp } from '@whatsapp-stream/cli';
import { createKafka, type Kafka } from '@whatsapp-stream/kafka';
import {
  connectRegistry,
  DEFAULT_TOPIC_NAMES,
  type SchemaRegistry,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { useStack } from './stack.ts';

/** The commands of `packages/cli` as their npm scripts start them, and the cluster that they work on. */
export interface Commands {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly registryUrl: string;
  /** Names of topics that no other test has; none exists yet. */
  ownNames(): TopicNames;
  /** The same, set up. */
  ownTopics(): Promise<TopicNames>;
  /** Points a command to these topics, and to a group that only they have. */
  environment(names: TopicNames): NodeJS.ProcessEnv;
}

/** What a command left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The group whose commits tell what waits in these topics. */
export function groupOf(names: TopicNames): string {
  return `${names.control}.sender`;
}

/** @param name begins the names of the topics */
export async function useCommands(name: string): Promise<Commands> {
  const { brokers, registryUrl } = await useStack();
  const log = createLogger(`${name}-test`, 'silent');
  const kafka = createKafka({ brokers: brokers.split(','), clientId: `${name}-test`, log });
  const registry = connectRegistry({ url: registryUrl });

  function ownNames(): TopicNames {
    const prefix = `${name}-${randomUUID().slice(0, 8)}`;
    return {
      lanes: DEFAULT_TOPIC_NAMES.lanes.map((topic) => `${prefix}.${topic}`),
      status: `${prefix}.whatsapp.status`,
      deadLetter: `${prefix}.whatsapp.send.dlq`,
      control: `${prefix}.whatsapp.control`,
    };
  }

  return {
    kafka,
    registry,
    registryUrl,
    ownNames,
    async ownTopics() {
      const names = ownNames();
      const report = await setUp({ kafka, registry, names, replicationFactor: 1 });
      if (!report.right) throw new Error(`the topics were not set up: ${JSON.stringify(report)}`);
      return names;
    },
    environment: (names) => ({
      ...process.env,
      KAFKA_BROKERS: brokers,
      SCHEMA_REGISTRY_URL: registryUrl,
      SEND_TOPICS: names.lanes.join(','),
      STATUS_TOPIC: names.status,
      DLQ_TOPIC: names.deadLetter,
      CONTROL_TOPIC: names.control,
      SENDER_GROUP: groupOf(names),
    }),
  };
}

/** @param command the name of its file */
export function startCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcessWithoutNullStreams {
  const file = fileURLToPath(new URL(`../../packages/cli/src/${command}.ts`, import.meta.url));
  return spawn(process.execPath, [file, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs a command to its end. */
export async function runCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
): Promise<Ended> {
  const child = startCommand(command, args, env);
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}
