import { setPriority } from 'node:os';
import { setUp } from '@whatsapp-stream/cli';
import { createKafka, type Kafka } from '@whatsapp-stream/kafka';
import { connectRegistry, type SchemaRegistry } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { freePorts, type Stack } from '@whatsapp-stream/stack';
import { ownProcesses, type Processes, type RemoteVerihubs } from '../support/processes.ts';
import { ownNames, serviceEnv } from '../support/system.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { mannersIn } from './plan.ts';
import { createRevivable, type Revivable, type RevivableWatch } from './revivable.ts';

/** Everything around the senders: topics of a run's own, Verihubs, callback-ingest, a registry that can be cut off. */
export interface Surroundings extends AsyncDisposable {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly names: ReturnType<typeof ownNames>;
  /** Of the services, with the registry's own address. */
  readonly env: Readonly<Record<string, string>>;
  /** What senders have in place of it. */
  readonly senderEnv: Readonly<Record<string, string>>;
  readonly processes: Processes;
  readonly verihubs: RemoteVerihubs;
  readonly verihubsLog: string;
  readonly ingest: Revivable;
  /** Senders reach the registry by this way only. */
  readonly registryProxy: TcpProxy;
}

export interface SurroundingsOptions {
  readonly stack: Stack;
  readonly seed: number;
  /** Of the pace. */
  readonly guardMs: number;
  /** For logs. */
  readonly folder: string;
  readonly watch: RevivableWatch;
}

/** The shortest session that Kafka allows. */
export const SESSION_MS = 6_000;
const MAX_RPS = 50;

const SENDER_SETTINGS = {
  SENDER_SESSION_TIMEOUT_MS: String(SESSION_MS),
  VERIHUBS_TIMEOUT_MS: '1000',
  DOUBT_GRACE_MS: '11000',
  VERIHUBS_MAX_RPS: String(MAX_RPS),
  LOG_LEVEL: 'info',
};

export async function startSurroundings(options: SurroundingsOptions): Promise<Surroundings> {
  const { stack, seed, guardMs, folder, watch } = options;
  await using made = new AsyncDisposableStack();
  const names = ownNames();
  const kafka = createKafka({
    brokers: stack.brokers.split(','),
    clientId: 'chaos',
    log: createLogger('chaos', 'silent'),
  });
  const registry = connectRegistry({ url: stack.registryUrl });
  await setUp({ kafka, registry, names, replicationFactor: 1 });
  const processes = made.use(ownProcesses(folder));
  const registryUrl = new URL(stack.registryUrl);
  const registryPort = Number(registryUrl.port) || (registryUrl.protocol === 'https:' ? 443 : 80);
  const registryProxy = made.use(await startTcpProxy({ host: registryUrl.hostname, port: registryPort }));
  const proxied = new URL(registryUrl);
  proxied.host = `127.0.0.1:${registryProxy.port}`;

  const verihubsLog = `${folder}/verihubs.ndjson`;
  const limits = ['--max-rps', String(MAX_RPS), '--seed', String(seed), '--log-file', verihubsLog];
  const verihubs = await processes.verihubs(limits);
  arriveOnTime(verihubs);
  const { faults, callbacks } = mannersIn(seed).good;
  await verihubs.put('faults', faults);
  await verihubs.put('callbacks', callbacks);

  const [callbackPort = 0, ingestAdminPort = 0] = await freePorts(2);
  const env = {
    ...serviceEnv(stack, names, verihubs.url),
    CALLBACK_BASE_URL: `http://127.0.0.1:${callbackPort}`,
    ...SENDER_SETTINGS,
    PACE_GUARD_MS: String(guardMs),
  };
  const ingest = createRevivable({
    name: 'callback-ingest',
    file: 'services/callback-ingest/src/main.ts',
    env: { ...env, CALLBACK_PORT: String(callbackPort), ADMIN_PORT: String(ingestAdminPort) },
    folder,
    reaper: processes.reaper,
    ...watch,
  });
  made.defer(() => ingest.end('SIGKILL'));
  await ingest.start();
  const owned = made.move();
  return {
    kafka,
    registry,
    names,
    env,
    senderEnv: { ...env, SCHEMA_REGISTRY_URL: proxied.href.replace(/\/$/, '') },
    processes,
    verihubs,
    verihubsLog,
    ingest,
    registryProxy,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * The simulator judges the rate by when it comes to read a request. Where that is allowed it goes before all that
 * is started and killed around it, so that it is not its own lateness that it measures.
 */
function arriveOnTime({ program }: RemoteVerihubs): void {
  if (program.pid === undefined) return;
  try {
    setPriority(program.pid, -10);
  } catch {
    // Only root may.
  }
}
