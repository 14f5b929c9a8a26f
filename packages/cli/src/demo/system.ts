import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freePorts,
  type Program,
  type ProgramOptions,
  type Stack,
  startProgram,
  startReaper,
} from '@whatsapp-stream/stack';

/** Simulator, callback-ingest and sender, each a process of its own as in production. */
export interface DemoSystem {
  readonly simulatorUrl: string;
  readonly metricsUrl: string;
  /** Where their logs are while they run. */
  readonly folder: string;
  /** Rejects when one of them ends by itself. */
  readonly failed: Promise<never>;
  /** In order: the sender first, so that what it has under way comes to its end. */
  stop(): Promise<void>;
}

/** Slow enough to be watched. */
const SIMULATOR = ['--latency', '80..250', '--callback-delay', '400..900', '--callback-order', 'in-order'];

/** @param report one line per step */
export async function startDemoSystem(stack: Stack, report: (line: string) => void): Promise<DemoSystem> {
  await using cleanup = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-stream-demo-'));
  const reaper = startReaper();
  reaper.watch({ kind: 'folder', id: folder });
  cleanup.defer(async () => {
    await reaper.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const [simulatorPort, callbackPort, ingestAdmin, senderAdmin] = await fourFreePorts();
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  const env = {
    KAFKA_BROKERS: stack.brokers,
    SCHEMA_REGISTRY_URL: stack.registryUrl,
    VERIHUBS_BASE_URL: simulatorUrl,
    VERIHUBS_APP_ID: 'demo-app',
    VERIHUBS_API_KEY: 'demo-key',
    CALLBACK_BASE_URL: `http://127.0.0.1:${callbackPort}`,
    CALLBACK_PORT: String(callbackPort),
    CALLBACK_STOP_DELAY_MS: '0',
    SPOOL_DIR: join(folder, 'callback-spool'),
    CALLBACK_SIGNING_KEYS: `demo:${randomBytes(24).toString('hex')}`,
  };
  const start = async (options: Omit<ProgramOptions, 'folder' | 'reaper'>): Promise<Program> => {
    const program = await startProgram({ ...options, folder, reaper });
    report(`${options.name} is ready`);
    return program;
  };
  // The sender starts beside the others and stops before them.
  const started = await Promise.allSettled([
    start({
      name: 'verihubs',
      file: 'packages/verihubs-simulator/src/main.ts',
      args: ['--port', String(simulatorPort), ...SIMULATOR],
      env,
      readyUrl: `${simulatorUrl}/_simulator/stats`,
    }),
    start({
      name: 'callback-ingest',
      file: 'services/callback-ingest/src/main.ts',
      env: { ...env, ADMIN_PORT: String(ingestAdmin) },
      readyUrl: `http://127.0.0.1:${ingestAdmin}/readyz`,
    }),
    start({
      name: 'sender',
      file: 'services/sender/src/main.ts',
      env: { ...env, ADMIN_PORT: String(senderAdmin) },
      readyUrl: `http://127.0.0.1:${senderAdmin}/readyz`,
    }),
  ]);
  const services = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const service of services) cleanup.defer(() => service.stop());
  for (const one of started) if (one.status === 'rejected') throw one.reason;
  const owned = cleanup.move();
  return {
    simulatorUrl,
    metricsUrl: `http://127.0.0.1:${senderAdmin}/metrics`,
    folder,
    failed: Promise.race(services.map(({ failed }) => failed)),
    stop: () => owned.disposeAsync(),
  };
}

async function fourFreePorts(): Promise<readonly [number, number, number, number]> {
  const [a, b, c, d] = await freePorts(4);
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw new Error('no free ports');
  return [a, b, c, d];
}
