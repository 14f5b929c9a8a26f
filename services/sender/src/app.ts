import { randomBytes } from 'node:crypto';
import { createAppender, type Kafka } from '@whatsapp-stream/kafka';
import { connectRegistry, createDecoder, laneOf, type SchemaRegistry } from '@whatsapp-stream/schemas';
import {
  awaitDependencies,
  type Clock,
  createMetrics,
  type Dependencies,
  type Health,
  kafkaFrom,
  type Logger,
  type RunningService,
  startAdminServer,
  systemClock,
  topicNames,
} from '@whatsapp-stream/service-kit';
import type { SenderConfig } from './config.ts';
import { createCaller } from './delivery/call.ts';
import { createSenderMetrics } from './metrics.ts';
import type { Parts } from './parts.ts';
import { createSending, type Secrets, type Sending } from './sending.ts';

const CLIENT_ID = 'whatsapp-sender';

export interface SenderOptions {
  readonly config: SenderConfig;
  /** Reads those secrets again that came from files; without it all stay as they are. */
  readonly secrets?: Secrets;
  readonly log: Logger;
  /** Other adapters, for tests. */
  readonly kafka?: Kafka;
  readonly registry?: SchemaRegistry;
  readonly clock?: Clock;
}

export interface SenderService extends RunningService {
  readonly adminPort: number;
}

/**
 * Starts the sender: the operators' server at once, the rest when Kafka, the registry, the topics and the
 * schemas are there.
 * @throws when the operators' port is taken
 */
export async function startSender(options: SenderOptions): Promise<SenderService> {
  const { config, secrets = {}, log, clock = systemClock } = options;
  const kafka = options.kafka ?? kafkaFrom(config, CLIENT_ID, log);
  const registry = options.registry ?? connectRegistry({ url: config.SCHEMA_REGISTRY_URL });
  const registryMetrics = createMetrics('sender');
  const metrics = createSenderMetrics(registryMetrics);
  const stopping = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  /** What is not there yet, in words for people. */
  const missing = new Set<string>();
  let sending: Sending | undefined;

  const ready = (): Health => {
    if (stopping.signal.aborted) return { ok: false, problems: ['stopping'] };
    const waiting = [...missing].map((what) => `waiting for ${what}`);
    const problems = waiting.length > 0 ? waiting : (sending?.problems() ?? ['starting']);
    return problems.length === 0 ? { ok: true } : { ok: false, problems };
  };
  const live = (): Health => {
    const problems = sending?.stalls() ?? [];
    return problems.length === 0 ? { ok: true } : { ok: false, problems };
  };
  const admin = await startAdminServer({
    host: config.ADMIN_HOST,
    port: config.ADMIN_PORT,
    metrics: registryMetrics,
    live,
    ready,
  });
  log.info({ port: admin.port }, 'operators are answered');

  async function boot(): Promise<void> {
    const names = topicNames(config);
    const dependencies = await awaitDependencies({
      adapters: { kafka, registry, clock },
      settings: config,
      statusTopic: names.status,
      topics: [...names.lanes, names.deadLetter, names.control],
      log,
      signal: stopping.signal,
      missing,
    });
    if (!dependencies) return;
    if (stopping.signal.aborted) {
      await dependencies.producer.close();
      return;
    }
    const parts = assemble(config, registry, dependencies);
    sending = createSending({
      ...parts,
      config,
      secrets,
      kafka,
      metrics,
      clock,
      log,
      onFailed: failure.reject,
    });
    await sending.start();
  }

  const booted = boot().catch((error: unknown) => {
    // A start that a stop has ended is no failure.
    if (!stopping.signal.aborted) failure.reject(error);
  });
  return {
    adminPort: admin.port,
    failed: failure.promise,
    async stop() {
      stopping.abort();
      // It may still try to join the group, and goes on with that until it is stopped.
      await Promise.all([booted, sending?.stop()]);
      await admin.close();
    },
  };
}

function assemble(
  config: SenderConfig,
  registry: SchemaRegistry,
  { producer, encoder }: Dependencies,
): Parts {
  return {
    producer,
    appender: createAppender(producer),
    encoder,
    requestDecoder: createDecoder(registry, 'SendRequest'),
    statusDecoder: createDecoder(registry, 'StatusEvent'),
    caller: createCaller({
      baseUrl: config.VERIHUBS_BASE_URL,
      timeoutMs: config.VERIHUBS_TIMEOUT_MS,
      connections: config.VERIHUBS_MAX_CONNECTIONS,
    }),
    lanes: new Map(config.SEND_TOPICS.map((topic, laneIndex) => [topic, { lane: laneOf(topic), laneIndex }])),
    // Two processes never share an attempt id, also after a restart.
    processId: randomBytes(9).toString('base64url'),
  };
}
