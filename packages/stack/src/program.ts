import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Reaper } from './reaper/reaper.ts';

/** A program of ours in a process of its own, as it runs in production. */
export interface Program {
  readonly name: string;
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** Resolves when it has ended, with its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Rejects, with its last lines, when it ends without being asked to. Never resolves. */
  readonly failed: Promise<never>;
  /** Sends a signal and does not wait. An end that follows counts as asked for. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then waits for its end. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  readonly name: string;
  /** Relative to the project's folder. */
  readonly file: string;
  readonly args?: readonly string[];
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its log goes, as `NAME.log`. */
  readonly folder: string;
  readonly reaper: Reaper;
  /** Answers with a success once it is ready; without it, nothing is waited for. */
  readonly readyUrl?: string;
}

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const READY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 50;
const LAST_LINES = 12;

/**
 * Starts a program and waits until it is ready. It gets a process group of its own, so that Ctrl-C reaches it
 * only when its turn to stop has come; the reaper ends it with this process.
 * @throws with its last lines when it ends, or is not ready in time
 */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { name, file, args = [], env, folder, reaper, readyUrl } = options;
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [join(PROJECT, file), ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const program = control(name, logFile, child, reaper);
  if (readyUrl === undefined) return program;
  try {
    await Promise.race([ready(name, readyUrl), program.failed]);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return program;
}

function control(name: string, logFile: string, child: ChildProcess, reaper: Reaper): Program {
  const target = { kind: 'process', id: String(child.pid) } as const;
  if (child.pid !== undefined) reaper.watch(target);
  let asked = false;
  const ended = once(child, 'exit').then(() => {
    reaper.forget(target);
    return child.signalCode ?? child.exitCode ?? 0;
  });
  const failed = ended.then((how) => {
    if (asked) return new Promise<never>(() => {});
    throw new Error(`${name} has ended (${how}). Its last lines, from ${logFile}:\n${lastLines(logFile)}`);
  });
  failed.catch(() => {});
  const signal = (name: NodeJS.Signals) => {
    asked = true;
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
  };
  return {
    name,
    pid: child.pid,
    logFile,
    ended,
    failed,
    signal,
    async stop() {
      signal('SIGTERM');
      await ended;
    },
  };
}

async function ready(name: string, url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      const answer = await fetch(url);
      if (answer.ok) return;
      last = await answer.text();
    } catch {
      last = 'no answer';
    }
    await sleep(ASK_EVERY_MS);
  }
  throw new Error(`${name} is not ready after ${READY_WITHIN_MS / 1_000} s: ${last}`);
}

function lastLines(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines
    .slice(-LAST_LINES)
    .map((line) => `  ${line}`)
    .join('\n');
}
