import type { Kafka, Producer } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  type Encoder,
  type SchemaRegistry,
  type StatusEvent,
  subjectOf,
} from '@whatsapp-stream/schemas';
import { type Clock, type Logger, waitFor } from '@whatsapp-stream/service-kit';

/** The ways to what the service depends on; nothing is connected yet. */
export interface Adapters {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
}

/** What is there once everything that the service depends on has answered. */
export interface Dependencies {
  readonly producer: Producer;
  readonly encoder: Encoder<StatusEvent>;
}

export interface DependenciesOptions {
  readonly adapters: Adapters;
  readonly statusTopic: string;
  /** For people. */
  readonly names: { readonly kafka: string; readonly registry: string };
  readonly log: Pick<Logger, 'info'>;
  /** Aborted: stops waiting. */
  readonly signal: AbortSignal;
  /** What is not there yet, in words for people; changes while it is waited. */
  readonly missing: Set<string>;
}

/**
 * Waits for Kafka and the status topic, and beside it for the registry and the id of our schema.
 * @returns null when `signal` was aborted first; nothing is left open then
 */
export async function awaitDependencies(options: DependenciesOptions): Promise<Dependencies | null> {
  const { adapters, statusTopic, names } = options;
  const { kafka, registry } = adapters;
  const [producer, encoder] = await Promise.all([
    obtain(options, names.kafka, () => kafka.ping())
      .then(
        (answers) =>
          answers && obtain(options, `topic ${statusTopic}`, () => requireTopic(kafka, statusTopic)),
      )
      .then((exists) => exists && obtain(options, `a producer at ${names.kafka}`, () => kafka.producer())),
    obtain(options, `our schema of ${statusTopic} at ${names.registry}`, () =>
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

async function requireTopic(kafka: Kafka, topic: string): Promise<void> {
  const admin = await kafka.admin();
  try {
    if ((await admin.describeTopic(topic)) === null) {
      throw new Error('it does not exist; `npm run setup` creates it');
    }
  } finally {
    await admin.close();
  }
}
