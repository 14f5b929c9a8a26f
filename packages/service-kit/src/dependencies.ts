import { type Kafka, type Producer, withAdmin } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  type Encoder,
  type SchemaRegistry,
  type StatusEvent,
  subjectOf,
} from '@whatsapp-stream/schemas';
import type { Clock } from './clock.ts';
import { shownUrl } from './cluster.ts';
import type { Logger } from './log.ts';
import { waitFor } from './wait-for.ts';

/** The ways to what the service depends on; nothing is connected yet. */
export interface Adapters {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
}

/** What a service that writes status events has once everything that it depends on has answered. */
export interface Dependencies {
  readonly producer: Producer;
  readonly encoder: Encoder<StatusEvent>;
}

export interface DependenciesOptions {
  readonly adapters: Adapters;
  /** Where they are, to be told to people. */
  readonly settings: { readonly KAFKA_BROKERS: readonly string[]; readonly SCHEMA_REGISTRY_URL: string };
  readonly statusTopic: string;
  /** Further topics that must be there. */
  readonly topics?: readonly string[];
  readonly log: Pick<Logger, 'info'>;
  /** Aborted: stops waiting. */
  readonly signal: AbortSignal;
  /** What is not there yet, in words for people; changes while it is waited. */
  readonly missing: Set<string>;
}

/**
 * Waits for Kafka and the topics, and beside it for the registry and the id of our schema.
 * @returns null when `signal` was aborted first; nothing is left open then
 */
export async function awaitDependencies(options: DependenciesOptions): Promise<Dependencies | null> {
  const { adapters, settings, statusTopic, topics: others = [] } = options;
  const { kafka, registry } = adapters;
  const shownKafka = `Kafka at ${settings.KAFKA_BROKERS.join(', ')}`;
  const shownRegistry = `the schema registry at ${shownUrl(settings.SCHEMA_REGISTRY_URL)}`;
  const topics = [...others, statusTopic];
  const shownTopics = others.length === 0 ? `topic ${statusTopic}` : `the topics ${topics.join(', ')}`;
  const [producer, encoder] = await Promise.all([
    obtain(options, shownKafka, () => kafka.ping())
      .then((answers) => answers && obtain(options, shownTopics, () => requireTopics(kafka, topics)))
      .then((exist) => exist && obtain(options, `a producer at ${shownKafka}`, () => kafka.producer())),
    obtain(options, `our schema of ${statusTopic} at ${shownRegistry}`, () =>
      createEncoder(registry, 'StatusEvent', subjectOf(statusTopic)),
    ),
  ]);
  if (producer && encoder) return { producer: producer.value, encoder: encoder.value };
  await producer?.value.close();
  return null;
}

/** @returns null when it was given up */
async function obtain<T>(
  { adapters, log, signal, missing }: DependenciesOptions,
  what: string,
  get: () => Promise<T>,
): Promise<{ readonly value: T } | null> {
  let obtained: { readonly value: T } | null = null;
  missing.add(what);
  await waitFor({
    what,
    attempt: async () => {
      obtained = { value: await get() };
    },
    report: (line) => log.info(line),
    clock: adapters.clock,
    signal,
  });
  missing.delete(what);
  return obtained;
}

async function requireTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    for (const topic of topics) {
      if ((await admin.describeTopic(topic)) === null) {
        throw new Error(`${topic} does not exist; \`npm run setup\` creates it`);
      }
    }
  });
}
