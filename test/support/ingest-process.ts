import { readFileSync, statSync } from 'node:fs';
import { freePorts, type Program, type Reaper, startProgram } from '@whatsapp-stream/stack';
import { sampleOf } from './metrics.ts';

/** callback-ingest as a process that is ended in whatever way and started again, on the same ports. */
export interface IngestProcess {
  /** Of the public port. */
  readonly url: string;
  /** Resolves when callbacks can be kept; with `live` as soon as it answers its operators. */
  start(awaited?: 'ready' | 'live'): Promise<void>;
  /** As `kill -9` does. */
  kill(): Promise<void>;
  /** SIGTERM. @returns its exit code, or what signal ended it, and how long that took */
  stop(): Promise<{ readonly how: number | NodeJS.Signals; readonly tookMs: number }>;
  ready(): Promise<{ readonly status: number; readonly text: string }>;
  /** A sample of its metrics, summed over its labels; 0 where there is none. */
  metric(name: string): Promise<number>;
  /** What it has logged since its first start. */
  log(): string;
}

export interface IngestProcessOptions {
  /** Of its log. */
  readonly name: string;
  /** Ports aside. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly reaper: Reaper;
}

/** Nothing is started yet. */
export async function createIngestProcess(options: IngestProcessOptions): Promise<IngestProcess> {
  const { name, folder, reaper } = options;
  const [port, adminPort] = await freePorts(2);
  const admin = `http://127.0.0.1:${adminPort}`;
  const logFile = `${folder}/${name}.log`;
  const env = { ...options.env, CALLBACK_PORT: String(port), ADMIN_PORT: String(adminPort) };
  let program: Program | undefined;

  async function end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    if (program === undefined) throw new Error(`${name} does not run`);
    const ending = program;
    program = undefined;
    ending.signal(signal);
    return ending.ended;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    async start(awaited = 'ready') {
      const file = 'services/callback-ingest/src/main.ts';
      const readyUrl = `${admin}/${awaited === 'ready' ? 'readyz' : 'livez'}`;
      program = await startProgram({ name, file, env, folder, reaper, readyUrl });
    },
    async kill() {
      await end('SIGKILL');
    },
    async stop() {
      const began = performance.now();
      const how = await end('SIGTERM');
      return { how, tookMs: performance.now() - began };
    },
    async ready() {
      const response = await fetch(`${admin}/readyz`);
      return { status: response.status, text: await response.text() };
    },
    metric: async (metric) => sampleOf(await (await fetch(`${admin}/metrics`)).text(), metric),
    log: () => (statSync(logFile, { throwIfNoEntry: false }) ? readFileSync(logFile, 'utf8') : ''),
  };
}
