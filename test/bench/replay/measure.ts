import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Reaper } from '@whatsapp-stream/stack';
import { type Usage, usageOf } from '../usage.ts';

/** A program that is run to its end. */
export interface Run {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Where its output goes. */
  readonly stdout: string;
}

export interface Measured extends Usage {
  readonly seconds: number;
  /** The most memory that it had in the first half of its time. */
  readonly halfwayPeakBytes: number;
  readonly stderr: string;
}

const LOOK_EVERY_MS = 20;

/** From its start to its end, start-up included. @throws with its last words when it fails */
export async function measure({ program, args, env, stdout }: Run, reaper: Reaper): Promise<Measured> {
  const output = openSync(stdout, 'w');
  const start = performance.now();
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', output, 'pipe'] });
  closeSync(output);
  const exit = once(child, 'exit');
  const { pid, stderr: told } = child;
  if (pid === undefined || told === null) throw new Error(`${program} cannot be started`);
  const words = text(told);
  const target = { kind: 'process', id: String(pid) } as const;
  reaper.watch(target);
  const looks: { readonly at: number; readonly usage: Usage }[] = [];
  const timer = setInterval(() => {
    const usage = usageIfAlive(pid);
    if (usage !== undefined) looks.push({ at: performance.now(), usage });
  }, LOOK_EVERY_MS);
  await exit;
  clearInterval(timer);
  reaper.forget(target);
  const seconds = (performance.now() - start) / 1_000;
  const stderr = await words;
  if (child.exitCode !== 0) throw new Error(`${program} ${args[0]} failed: ${stderr.slice(-2_000)}`);
  const last = looks.at(-1)?.usage ?? { cpuSeconds: Number.NaN, peakBytes: Number.NaN };
  const halfway = looks.findLast(({ at }) => at <= start + (seconds * 1_000) / 2)?.usage ?? last;
  return { ...last, seconds, halfwayPeakBytes: halfway.peakBytes, stderr };
}

/** What ends meanwhile has no `/proc`, or half of one. */
function usageIfAlive(pid: number): Usage | undefined {
  try {
    const usage = usageOf(pid);
    return Number.isNaN(usage.peakBytes) ? undefined : usage;
  } catch {
    return undefined;
  }
}
