import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** A JSON object that a program printed as a line. */
export type Printed = Readonly<Record<string, unknown>>;

export interface ExampleEnded {
  readonly printed: readonly Printed[];
  readonly stderr: string;
  /** null when a signal ended it. */
  readonly code: number | null;
}

export interface ExampleRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Looked at with each line; when it holds the program is sent SIGTERM, as a deployment would. */
  readonly isEnough?: (printed: readonly Printed[]) => boolean;
  readonly withinMs?: number;
}

/** The path of a file in `examples/`. */
export const exampleFile = (path: string): string =>
  fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));

/**
 * Runs a program that prints JSON lines, until it ends by itself or has printed enough.
 * @throws when it takes longer than `withinMs` (a minute unless told), or prints what is not JSON
 */
export async function runExample(run: ExampleRun): Promise<ExampleEnded> {
  const { program, args, env, isEnough = () => false, withinMs = 60_000 } = run;
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(withinMs),
    killSignal: 'SIGKILL',
  });
  const closed = once(child, 'close');
  const stderr = text(child.stderr);
  const printed: Printed[] = [];
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => child.kill('SIGKILL'));
  let ended = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    try {
      printed.push(JSON.parse(line));
      if (ended || !isEnough(printed)) return;
      ended = true;
      child.kill('SIGTERM');
    } catch (error) {
      broken.reject(error);
    }
  });
  const [code] = await Promise.race([closed, broken.promise]);
  return { printed, stderr: await stderr, code: typeof code === 'number' ? code : null };
}
