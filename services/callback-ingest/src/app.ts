import { createAppender } from '@whatsapp-stream/kafka';
import { connectRegistry } from '@whatsapp-stream/schemas';
import {
  type Adapters,
  awaitDependencies,
  createMetrics,
  type Dependencies,
  type Health,
  kafkaFrom,
  type Logger,
  type RunningService,
  startAdminServer,
  systemClock,
} from '@whatsapp-stream/service-kit';
import { authenticate } from './authenticate.ts';
import type { CallbackIngestSettings } from './config.ts';
import { receive } from './journey.ts';
import { createKafkaWatch, type KafkaWatch } from './kafka-watch.ts';
import { createIngestMetrics, type IngestMetrics } from './metrics.ts';
import { createRecorder } from './record.ts';
import { createCallbackServer } from './server.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';

export const SERVICE_NAME = 'callback-ingest';

export interface CallbackIngest extends RunningService {
  readonly adminPort: number;
  /** The public port, once callbacks are taken; null when the service was stopped before. */
  readonly listening: Promise<number | null>;
}

/** What belongs to one running service. */
interface Parts {
  readonly settings: CallbackIngestSettings;
  readonly log: Logger;
  readonly adapters: Adapters;
  readonly metrics: IngestMetrics;
  readonly watch: KafkaWatch;
  readonly shutdown: Shutdown;
  readonly missing: Set<string>;
}

export function realAdapters(settings: CallbackIngestSettings, log: Logger): Adapters {
  return {
    kafka: kafkaFrom(settings, SERVICE_NAME, log),
    registry: connectRegistry({ url: settings.SCHEMA_REGISTRY_URL }),
    clock: systemClock,
  };
}

/**
 * Serves the operators at once, waits for Kafka, the registry and the status topic, and only then opens the
 * public port: until then a callback meets a closed door, which says "try again" better than any answer.
 * @throws when the operators' port is taken
 */
export async function startCallbackIngest(
  settings: CallbackIngestSettings,
  log: Logger,
  adapters: Adapters = realAdapters(settings, log),
): Promise<CallbackIngest> {
  const registry = createMetrics(SERVICE_NAME);
  const shutdown = createShutdown(adapters.clock, log);
  const watch = createKafkaWatch({ ping: () => adapters.kafka.ping(), clock: adapters.clock, log });
  const missing = new Set<string>();
  const admin = await startAdminServer({
    host: settings.ADMIN_HOST,
    port: settings.ADMIN_PORT,
    metrics: registry,
    live: () => ({ ok: true }),
    ready: () => readiness(shutdown, missing, watch),
  });
  shutdown.add({ name: 'admin server', close: () => admin.close(), withinMs: 1_000 });
  log.info({ port: admin.port }, 'operators are served');

  const metrics = createIngestMetrics(registry);
  const listening = open({ settings, log, adapters, metrics, watch, shutdown, missing });
  shutdown.awaits(listening);
  return {
    adminPort: admin.port,
    listening,
    failed: listening.then(() => new Promise<never>(() => {})),
    stop: () => shutdown.run(),
  };
}

function readiness(shutdown: Shutdown, missing: ReadonlySet<string>, watch: KafkaWatch): Health {
  if (shutdown.signal.aborted) return { ok: false, problems: ['stopping'] };
  if (missing.size > 0) return { ok: false, problems: [...missing].map((what) => `waiting for ${what}`) };
  return watch.health();
}

async function open(parts: Parts): Promise<number | null> {
  const { settings, log, adapters, watch, shutdown, missing } = parts;
  const dependencies = await awaitDependencies({
    adapters,
    statusTopic: settings.STATUS_TOPIC,
    settings,
    log,
    signal: shutdown.signal,
    missing,
  });
  if (!dependencies) return null;
  shutdown.add({ name: 'producer', close: () => dependencies.producer.close(), withinMs: 2_000 });
  const server = buildServer(parts, dependencies);
  await server.listen({ host: settings.CALLBACK_HOST, port: settings.CALLBACK_PORT });
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.CALLBACK_PORT;
  log.info({ host: settings.CALLBACK_HOST, port }, 'callbacks are taken');
  void watch.run(shutdown.signal);
  return port;
}

function buildServer(parts: Parts, { producer, encoder }: Dependencies) {
  const { settings, log, adapters, metrics, watch, shutdown } = parts;
  const appender = createAppender(producer);
  shutdown.add({ name: 'events that wait for Kafka', close: () => appender.drained(), withinMs: 3_000 });
  const record = createRecorder({
    topic: settings.STATUS_TOPIC,
    encode: encoder.encode,
    append: appender.append,
    clock: adapters.clock,
    ackTimeoutMs: settings.KAFKA_ACK_TIMEOUT_MS,
    maxPending: settings.CALLBACK_MAX_PENDING,
    observer: {
      acknowledged(afterMs) {
        metrics.acknowledged(afterMs);
        watch.acknowledged();
      },
      unacknowledged: watch.unacknowledged,
    },
  });
  const rules = { keys: settings.CALLBACK_SIGNING_KEYS, unsigned: settings.CALLBACK_UNSIGNED };
  const steps = { authenticate: (token: string | undefined) => authenticate(rules, token), record };
  const server = createCallbackServer({
    receive: (callback) => receive(steps, callback),
    answered: metrics.answered,
    failed: (error) => log.error({ err: error }, 'a callback was answered 500'),
  });
  shutdown.add({
    name: 'public server',
    close: () => server.close(),
    // What waits for Kafka may end: KAFKA_ACK_TIMEOUT_MS is at most 5 s.
    withinMs: 6_000,
    force: () => server.server.closeAllConnections(),
  });
  return server;
}
