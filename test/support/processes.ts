import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, type Program, startProgram, startReaper } from '@whatsapp-stream/stack';
import type { SimulatorStats } from '@whatsapp-stream/verihubs-simulator';

/** Our programs as processes of their own, for tests of what only a process can show. */
export interface Processes extends AsyncDisposable {
  /** `name` names its log. Its admin port is free and waited for. */
  sender(name: string, env: Readonly<Record<string, string>>): Promise<Program>;
  callbackIngest(
    env: Readonly<Record<string, string>>,
  ): Promise<{ readonly program: Program; readonly url: string }>;
  verihubs(args?: readonly string[]): Promise<RemoteVerihubs>;
}

/** The simulator in another process: it stamps arrivals without waiting for the test's event loop. */
export interface RemoteVerihubs {
  readonly program: Program;
  readonly url: string;
  stats(): Promise<SimulatorStats>;
  put(what: 'faults' | 'callbacks' | 'limit', settings: object): Promise<void>;
}

export function ownProcesses(): Processes {
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-stream-test-'));
  const reaper = startReaper();
  reaper.watch({ kind: 'folder', id: folder });
  const cleanup = new AsyncDisposableStack();
  cleanup.defer(async () => {
    await reaper.close();
    rmSync(folder, { recursive: true, force: true });
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
    async sender(name, env) {
      const [port] = await freePorts(1);
      const own = { ...env, ADMIN_PORT: String(port) };
      return start(name, 'services/sender/src/main.ts', own, [], `http://127.0.0.1:${port}/readyz`);
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
