import { connectRegistry } from '@whatsapp-stream/schemas';
import {
  type Adapters,
  createMetrics,
  kafkaFrom,
  type Logger,
  type RunningService,
  sleep,
  startAdminServer,
  systemClock,
} from '@whatsapp-stream/service-kit';
import { authenticate } from './authenticate.ts';
import type { CallbackIngestSettings } from './config.ts';
import { createCallbackServer } from './http/server.ts';
import { receive } from './journey.ts';
import { createIngestMetrics, type IngestMetrics, registerIngestGauges } from './metrics.ts';
import { readiness } from './readiness.ts';
import { type Keeping, startKeeping } from './record/keeping.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';

export const SERVICE_NAME = 'callback-ingest';

export interface CallbackIngest extends RunningService {
  /** The public one. */
  readonly port: number;
  readonly adminPort: number;
}

/** What belongs to one running service. */
interface Parts {
  readonly settings: CallbackIngestSettings;
  readonly log: Logger;
  readonly adapters: Adapters;
  readonly metrics: IngestMetrics;
  readonly keeping: Keeping;
  readonly shutdown: Shutdown;
}

/** How long a callback may still wait for Kafka when the server closes; then the spool keeps it. */
const LAST_WAIT_MS = 1_000;
/** For the last callbacks to be kept and answered, once no more are taken. */
const CLOSE_WITHIN_MS = 4_000;

export function realAdapters(settings: CallbackIngestSettings, log: Logger): Adapters {
  return {
    kafka: kafkaFrom(settings, SERVICE_NAME, log),
    registry: connectRegistry({ url: settings.SCHEMA_REGISTRY_URL }),
    clock: systemClock,
  };
}

/**
 * Serves the operators, and takes callbacks from the first moment on: what Kafka does not take yet is kept by the
 * spool.
 * @throws when one of the ports is taken
 */
export async function startCallbackIngest(
  settings: CallbackIngestSettings,
  log: Logger,
  adapters: Adapters = realAdapters(settings, log),
): Promise<CallbackIngest> {
  const registry = createMetrics(SERVICE_NAME);
  const metrics = createIngestMetrics(registry);
  const shutdown = createShutdown(adapters.clock, log);
  const { acknowledged, drained } = metrics;
  const keeping = startKeeping({ settings, adapters, log, shutdown, acknowledged, drained });
  registerIngestGauges(registry, {
    pending: keeping.pending,
    kafkaUp: () => keeping.kafkaTrouble() === null && keeping.missing().length === 0,
    spool: keeping.spool,
    spoolCounts: keeping.spoolCounts,
    spoolMaxBytes: settings.SPOOL_MAX_BYTES,
  });
  try {
    const admin = await startAdminServer({
      host: settings.ADMIN_HOST,
      port: settings.ADMIN_PORT,
      metrics: registry,
      live: () => ({ ok: true }),
      ready: () => readiness(shutdown.signal.aborted, keeping),
    });
    shutdown.add({ name: 'admin server', close: () => admin.close(), withinMs: 500 });
    log.info({ port: admin.port }, 'operators are served');
    const port = await listen({ settings, log, adapters, metrics, keeping, shutdown });
    log.info({ host: settings.CALLBACK_HOST, port }, 'callbacks are taken');
    return { port, adminPort: admin.port, failed: new Promise<never>(() => {}), stop: () => shutdown.run() };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

/** @returns the public port */
async function listen(parts: Parts): Promise<number> {
  const { settings, log, adapters, metrics, keeping, shutdown } = parts;
  const rules = {
    keys: settings.CALLBACK_SIGNING_KEYS,
    unsigned: settings.CALLBACK_UNSIGNED,
    maxAgeMs: settings.CALLBACK_MAX_AGE_MS,
  };
  const steps = {
    authenticate: (token: string | undefined) => authenticate(rules, token, adapters.clock.now()),
    record: keeping.record,
  };
  const server = createCallbackServer({
    receive: (callback) => receive(steps, callback),
    answered: metrics.answered,
    failed: (error) => log.error({ err: error }, 'a callback was answered 500'),
    allowed: settings.CALLBACK_ALLOWED_ADDRESSES,
    trustedProxies: settings.CALLBACK_TRUSTED_PROXIES,
    maxConnections: settings.CALLBACK_MAX_CONNECTIONS,
    dropped: metrics.connectionDropped,
    clock: adapters.clock,
  });
  shutdown.add({
    name: 'public server',
    async close() {
      await sleep(adapters.clock, settings.CALLBACK_STOP_DELAY_MS);
      adapters.clock.after(LAST_WAIT_MS, () => {
        if (keeping.pending() > 0) keeping.giveUpOnKafka('no acknowledgement while stopping');
      });
      await server.close();
    },
    withinMs: settings.CALLBACK_STOP_DELAY_MS + CLOSE_WITHIN_MS,
    force: () => server.server.closeAllConnections(),
  });
  await server.listen({ host: settings.CALLBACK_HOST, port: settings.CALLBACK_PORT });
  const address = server.server.address();
  return typeof address === 'object' && address !== null ? address.port : settings.CALLBACK_PORT;
}
