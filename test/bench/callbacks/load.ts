import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Reaper } from '@whatsapp-stream/stack';
import { usageOf } from '../usage.ts';
import type { Seen } from './load-maker.ts';

/** What is asked of a server, from another process. */
export interface Load {
  readonly seconds: number;
  readonly connections: number;
  /** Requests a second, evenly; null: as many as are answered. */
  readonly rate: number | null;
}

export interface LoadResult extends Seen {
  /** Begins the session ids of all its callbacks. */
  readonly run: string;
  /** Cores that the maker of load was busy on: near 1 it may be the limit itself. */
  readonly cores: number;
}

/** Where the load goes, and what it is made of. */
export interface LoadTarget {
  readonly url: string;
  /** One token a line. */
  readonly tokensFile: string;
  /** Eight hexadecimal digits that no other load has. */
  readonly run: string;
  readonly reaper: Reaper;
}

const LOOK_EVERY_MS = 100;
/** wrk counts an answer that takes longer as an error; it goes on waiting for it. */
const WRK_TIMEOUT = '10s';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/**
 * Whether wrk is on the PATH. It needs a quarter less of the cores that are shared with what is measured; as fast as it
 * our own maker is too, and it stands in for it elsewhere: both made 50,000 a second against fastify doing nothing,
 * and the server was the limit.
 */
const hasWrk: boolean = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, 'wrk'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

/** Who makes loads without a rate. */
export const FASTEST_MAKER = hasWrk ? 'wrk' : 'our own maker in Node (no wrk here)';

function commandOf(load: Load, { url, tokensFile, run }: LoadTarget): readonly [string, readonly string[]] {
  const { seconds, connections, rate } = load;
  if (rate === null && hasWrk) {
    const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', WRK_TIMEOUT];
    return ['wrk', [...options, '-s', here('wrk.lua'), url, '--', tokensFile, run]];
  }
  const args = [url, tokensFile, run, seconds, connections, ...(rate === null ? [] : [rate])].map(String);
  return [process.execPath, [here('load-maker.ts'), ...args]];
}

/**
 * Makes a load and resolves when it is over. wrk's percentiles are what its clients would have seen had they kept to
 * their mean pace while an answer was late (`stats_correct` in its wrk.c); those of our maker without a rate are not.
 * @throws when the maker fails
 */
export async function makeLoad(load: Load, target: LoadTarget): Promise<LoadResult> {
  const [command, args] = commandOf(load, target);
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const process = { kind: 'process', id: String(child.pid) } as const;
  if (child.pid !== undefined) target.reaper.watch(process);
  const cpuSeconds = watchCpu(child.pid ?? 0);
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  target.reaper.forget(process);
  const line = output
    .trimEnd()
    .split('\n')
    .findLast((one) => one.startsWith('{'));
  if (code !== 0 || line === undefined) throw new Error(`${command} has ended (${code}): ${complaints}`);
  const seen: Seen = JSON.parse(line);
  return { ...seen, run: target.run, cores: cpuSeconds() / seen.seconds };
}

/** @returns what tells the CPU seconds that a process was last seen to have used, and stops looking */
function watchCpu(pid: number): () => number {
  let cpuSeconds = 0;
  const looking = setInterval(() => {
    try {
      cpuSeconds = usageOf(pid).cpuSeconds;
    } catch {
      // It has ended.
    }
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(looking);
    return cpuSeconds;
  };
}
