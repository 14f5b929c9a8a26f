import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reaper } from './reaper/reaper.ts';

const POLL_MS = 50;
const QUOTED_LINES = 15;

/** A process in a group of its own: Ctrl-C at the terminal does not reach it, the reaper does. */
export interface ServerProcess {
  readonly logFile: string;
  /** Resolves when it has ended, with how: `exit code 1`, `signal SIGKILL`, or why it could not be started. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** SIGKILL. Does not wait for its end. */
  kill(): void;
  /** Lets this process end although that one still runs. */
  unref(): void;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** Standard output and standard error are appended to it. */
  readonly logFile: string;
}

export function spawnServer(command: Command, reaper: Reaper): ServerProcess {
  const log = openSync(command.logFile, 'a');
  const child = spawn(command.program, command.args, {
    cwd: command.folder,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const target = child.pid === undefined ? undefined : ({ kind: 'process', id: String(child.pid) } as const);
  if (target !== undefined) reaper.watch(target);
  let over = false;
  const ended = once(child, 'exit')
    .then(([code, signal]) => (signal === null ? `exit code ${code}` : `signal ${signal}`))
    .catch(String)
    .finally(() => {
      over = true;
      if (target !== undefined) reaper.forget(target);
    });
  return {
    logFile: command.logFile,
    ended,
    hasEnded: () => over,
    kill: () => void child.kill('SIGKILL'),
    unref: () => child.unref(),
  };
}

/** The last lines of a log, indented, for an error message. Empty when there is no log. */
export async function lastLines(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(-QUOTED_LINES)
    .map((line) => `  ${line}`)
    .join('\n');
}

export type Readiness<T> =
  | { readonly outcome: 'ready'; readonly value: T }
  /** `reason` ends a sentence that begins with the server's name; `log` are the last lines that it wrote. */
  | { readonly outcome: 'failed'; readonly reason: string; readonly log: string };

/** Asks until `probe` gives something, the process ends, or the time is up. */
export async function awaitReady<T>(
  server: ServerProcess,
  probe: () => Promise<T | undefined>,
  withinMs: number,
): Promise<Readiness<T>> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (server.hasEnded()) {
      const reason = `ended at its start with ${await server.ended}`;
      return { outcome: 'failed', reason, log: await lastLines(server.logFile) };
    }
    const value = await probe();
    if (value !== undefined) return { outcome: 'ready', value };
    await sleep(POLL_MS);
  }
  const reason = `did not answer within ${Math.round(withinMs / 1_000)} s`;
  return { outcome: 'failed', reason, log: await lastLines(server.logFile) };
}
