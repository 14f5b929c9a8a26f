import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, type Program, type Reaper, startProgram, startReaper } from '@whatsapp-stream/stack';
import type { SimulatorStats } from '@whatsapp-stream/verihubs-simulator';
import { sampleOf } from './metrics.ts';

/** Our programs as processes of their own, for tests of what only a process can show. */
export interface Processes extends AsyncDisposable {
  /** Where their logs are, as `NAME.log`. */
  readonly folder: string;
  /** Ends them with this process. */
  readonly reaper: Reaper;
  /** `name` names its log. Its admin port is free and waited for. */
  sender(name: string, env: Readonly<Record<string, string>>): Promise<OperatedProgram>;
  callbackIngest(
    env: Readonly<Record<string, string>>,
  ): Promise<{ readonly program: Program; readonly url: string }>;
  verihubs(args?: readonly string[]): Promise<RemoteVerihubs>;
}

/** A program that answers its operators. */
export interface OperatedProgram extends Program {
  /** A sample of its metrics, summed over its labels; 0 where there is none. */
  metric(name: string): Promise<number>;
}

/** The simulator in another process: it stamps arrivals without waiting for the test's event loop. */
export interface RemoteVerihubs {
  readonly program: Program;
  readonly url: string;
  stats(): Promise<SimulatorStats>;
  put(what: 'faults' | 'callbacks' | 'limit', settings: object): Promise<void>;
}

/** @param logFolder where logs go, and stay; a temporary folder by default */
export function ownProcesses(logFolder?: string): Processes {
  const folder = logFolder ?? mkdtempSync(join(tmpdir(), 'whatsapp-stream-test-'));
  const reaper = startReaper();
  if (logFolder === undefined) reaper.watch({ kind: 'folder', id: folder });
  const cleanup = new AsyncDisposableStack();
  cleanup.defer(async () => {
    await reaper.close();
    if (logFolder === undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function start(
    name: string,
    file: string,
    env: Readonly<Record<string, string>>,
    args: readonly string[],
    readyUrl: string,
  ) {
    const program = await startProgram({ name, file, args, env, folder, reaper, readyUrl });
    cleanup.defer(() => program.stop());
    return program;
  }

  return {
    folder,
    reaper,
    async sender(name, env) {
      const [port] = await freePorts(1);
      const own = { ...env, ADMIN_PORT: String(port) };
      const adminUrl = `http://127.0.0.1:${port}`;
      const program = await start(name, 'services/sender/src/main.ts', own, [], `${adminUrl}/readyz`);
      return {
        ...program,
        metric: async (metric) => sampleOf(await (await fetch(`${adminUrl}/metrics`)).text(), metric),
      };
    },
    async callbackIngest(env) {
      const [port, adminPort] = await freePorts(2);
      const own = { ...env, CALLBACK_PORT: String(port), ADMIN_PORT: String(adminPort) };
      const ready = `http://127.0.0.1:${adminPort}/readyz`;
      const program = await start('callback-ingest', 'services/callback-ingest/src/main.ts', own, [], ready);
      return { program, url: `http://127.0.0.1:${port}` };
    },
    async verihubs(args = []) {
      const [port] = await freePorts(1);
      const url = `http://127.0.0.1:${port}`;
      const all = ['--port', String(port), '--quiet', ...args];
      const file = 'packages/verihubs-simulator/src/main.ts';
      const program = await start('verihubs', file, {}, all, `${url}/_simulator/stats`);
      return {
        program,
        url,
        stats: async () => (await (await fetch(`${url}/_simulator/stats`)).json()) as SimulatorStats,
        async put(what, settings) {
          const answer = await fetch(`${url}/_simulator/${what}`, {
            method: 'PUT',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(settings),
          });
          if (!answer.ok) throw new Error(`the simulator refused ${what}: ${await answer.text()}`);
        },
      };
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}
