import Fastify from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { read, type SettingsSpec } from './settings.ts';

/** What a health check found: fine, though perhaps not all of it; or what is wrong, in words for people. */
export type Health =
  | { readonly ok: true; readonly degraded?: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface AdminServer {
  /** The port it listens on; asked for 0, the one it got. */
  readonly port: number;
  close(): Promise<void>;
}

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Registry;
  /** Does the process make progress? Failing means: restart it. */
  readonly live: () => Health;
  /** Do its dependencies answer? Failing means: send it no traffic. */
  readonly ready: () => Health;
}

/** Where it listens. */
export function adminSettings<const Port extends string>(port: Port) {
  return {
    ADMIN_HOST: {
      describe: 'Address of `/livez`, `/readyz` and `/metrics`.',
      default: '127.0.0.1',
      schema: read.text(),
    },
    ADMIN_PORT: {
      describe: 'Port of `/livez`, `/readyz` and `/metrics`; 0 for any free one.',
      default: port,
      schema: read.integer(0, 65_535),
    },
  } as const satisfies SettingsSpec;
}

/** By default the loop is looked at a hundred times a second: half of what a replica without work costs. */
const EVENT_LOOP_LOOK_MS = 100;

/** A registry with Node's own metrics, labelled with the service. */
export function createMetrics(service: string): Registry {
  const metrics = new Registry();
  metrics.setDefaultLabels({ service });
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS });
  return metrics;
}

function healthBody(health: Health): object {
  if (!health.ok) return { status: 'failing', problems: health.problems };
  const { degraded = [] } = health;
  return degraded.length === 0 ? { status: 'ok' } : { status: 'degraded', degraded };
}

/**
 * Serves `/livez`, `/readyz` and `/metrics` for operators.
 * @throws when the port is taken
 */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const server = Fastify({
    logger: false,
    requestTimeout: 5_000,
    forceCloseConnections: true,
    bodyLimit: 1_024,
  });
  for (const [path, check] of [
    ['/livez', options.live],
    ['/readyz', options.ready],
  ] as const) {
    server.get(path, async (_request, reply) => {
      const health = check();
      return reply.code(health.ok ? 200 : 503).send(healthBody(health));
    });
  }
  server.get('/metrics', async (_request, reply) =>
    reply.type(options.metrics.contentType).send(await options.metrics.metrics()),
  );
  await server.listen({ host: options.host, port: options.port });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () => server.close(),
  };
}
