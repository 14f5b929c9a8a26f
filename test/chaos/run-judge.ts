import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Reaper, startProgram } from '@whatsapp-stream/stack';

export interface JudgeOptions {
  /** Of the services. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly reaper: Reaper;
  readonly simulatorLog: string;
  readonly say: (line: string) => void;
}

/**
 * Lets the judge look at the simulator's log and the topics, as a program of its own, and says what it says. Its
 * figures are in `verdict.json` of the folder.
 * @returns its exit code: 0 when all promises were kept
 */
export async function runJudge({ env, folder, reaper, simulatorLog, say }: JudgeOptions): Promise<number> {
  const program = await startProgram({
    name: 'judge',
    file: 'test/chaos/judge/main.ts',
    args: [
      '--simulator-log',
      simulatorLog,
      '--json',
      join(folder, 'verdict.json'),
      '--guarded-by',
      env['PACE_GUARD_MS'] ?? '0',
    ],
    env: { ...env, LOG_LEVEL: 'silent' },
    folder,
    reaper,
  });
  const how = await program.ended;
  say(readFileSync(program.logFile, 'utf8').trimEnd());
  return typeof how === 'number' ? how : 1;
}
