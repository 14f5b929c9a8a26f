import { parseArgs } from 'node:util';

export interface CommandLine {
  /** How long faults go on. */
  readonly minutes: number;
  readonly seed: number;
  readonly replicas: number;
  readonly rate: number;
  readonly guardMs: number;
  readonly keep?: string;
}

export const USAGE = `Usage: npm run chaos -- [OPTION ...]

Runs senders under faults of every kind, and judges whether they kept their promises.

  --minutes N     how long faults go on (5)
  --seed N        the same seed plans the same faults and messages (1)
  --replicas N    senders (3)
  --rate N        records a second that are published, on average (35)
  --guard MS      PACE_GUARD_MS of the senders; more where the machine is busy (250)
  --keep FOLDER   keeps the logs there; otherwise they stay only when something is wrong
  --help`;

/** What is wrong with the command line, for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * @returns null when help is asked for
 * @throws UsageError
 */
export function readCommandLine(args: readonly string[]): CommandLine | null {
  const { minutes, seed, replicas, rate, guard, keep, help } = parse(args);
  if (help) return null;
  return {
    minutes: number('--minutes', minutes, 0.1, 600),
    seed: whole('--seed', seed, 0, 2 ** 31),
    replicas: whole('--replicas', replicas, 1, 9),
    rate: number('--rate', rate, 1, 1_000),
    guardMs: whole('--guard', guard, 0, 1_000),
    ...(keep === undefined ? {} : { keep }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '5' },
        seed: { type: 'string', default: '1' },
        replicas: { type: 'string', default: '3' },
        rate: { type: 'string', default: '35' },
        guard: { type: 'string', default: '250' },
        keep: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function number(name: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new UsageError(`${name} is "${text}"; it must be from ${min} to ${max}.`);
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = number(name, text, min, max);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`${name} is "${text}"; it must be a whole number.`);
}
