/**
 * Runs the tests: `node test/run.ts [--unit | --extended] [FILE or FOLDER ...]`.
 *
 * Unit tests lie beside their sources; what needs Kafka lies under `test/`, and what takes long under
 * `test/extended/`, which runs with --extended or when it is named. One stack is started for the whole run,
 * if any chosen test needs it. The exit code is that of `node --test`, or 1 when no test ran.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Reaper, StackError, startReaper, startStack } from '@whatsapp-stream/stack';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EXTENDED = join('test', 'extended');
/** What looks at the rate of requests as they arrive runs after the rest, by itself: the others' load would show. */
const isAlone = (file: string) => dirname(file).split(sep).includes('alone');
/** Two cores also carry the broker and the registry, but half of the time every test waits for something. */
const CONCURRENCY = 3;
/** A test that hangs must end the run one day. Test files count as tests here. */
const TEST_TIMEOUT_MS = 600_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const isWithin = (file: string, folder: string) => file === folder || file.startsWith(folder + sep);
const needsStack = (file: string) => isWithin(file, 'test');

const find = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: ROOT, exclude: ['**/node_modules/**'] }).toSorted();

interface Choice {
  readonly unit: boolean;
  readonly extended: boolean;
  /** As on the command line, relative to the current folder. */
  readonly named: readonly string[];
}

/** @returns paths relative to the root; none when a name has no test, because nothing would tell that it did not run */
function chooseTests({ unit, extended, named }: Choice): readonly string[] {
  const units = find('{schemas,packages,services,tools}/**/*.test.ts');
  const all = unit ? units : [...units, ...find('test/**/*.test.ts')];
  if (named.length > 0) {
    const within = (file: string, name: string) => name === '' || isWithin(file, name);
    const wanted = named.map((name) => relative(ROOT, resolve(name)));
    if (!wanted.every((name) => all.some((file) => within(file, name)))) return [];
    return all.filter((file) => wanted.some((name) => within(file, name)));
  }
  return all.filter((file) => isWithin(file, EXTENDED) === extended);
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Reads the totals at the end of the TAP reporter's output; all 0 when the run was ended before them. */
function readCounts(tapFile: string): Counts {
  let tap = '';
  try {
    tap = readFileSync(tapFile, 'utf8');
  } catch {
    // No report: the runner did not come that far.
  }
  const total = (name: string) =>
    Number([...tap.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0);
  return {
    passed: total('pass'),
    failed: total('fail') + total('cancelled'),
    skipped: total('skipped') + total('todo'),
  };
}

function runnerArgs(files: readonly string[], concurrency: number, tapFile: string): readonly string[] {
  return [
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${tapFile}`,
    ...files,
  ];
}

/** Runs the files in a process group of its own, so that it can be ended with all that the tests started. */
async function runTests(
  files: readonly string[],
  concurrency: number,
  env: NodeJS.ProcessEnv,
  reaper: Reaper,
) {
  if (files.length === 0) return { code: 0, counts: { passed: 0, failed: 0, skipped: 0 } };
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-stream-tests-'));
  reaper.watch({ kind: 'folder', id: folder });
  const tapFile = join(folder, 'report.tap');
  const child = spawn(process.execPath, runnerArgs(files, concurrency, tapFile), {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (child.pid !== undefined) reaper.watch({ kind: 'process', id: String(child.pid) });
  const [code] = await once(child, 'exit');
  return { code: typeof code === 'number' ? code : 1, counts: readCounts(tapFile) };
}

/** Without what would make the runner take itself for a test file of another run. */
function environmentFor(stack: { readonly brokers: string; readonly registryUrl: string } | undefined) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  if (stack === undefined) return env;
  return { ...env, KAFKA_BROKERS: stack.brokers, SCHEMA_REGISTRY_URL: stack.registryUrl };
}

/** A first signal ends the tests, after which the run ends as usual; before them there is nothing to wait for. */
function onSignal(end: (exitCode: number) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => end(128 + constants.signals[signal]));
  }
}

async function run(files: readonly string[]): Promise<number> {
  const start = performance.now();
  const reaper = startReaper();
  let interrupted: number | undefined;
  let endEarly = (exitCode: number): void => process.exit(exitCode);
  onSignal((exitCode) => endEarly(exitCode));
  const stack = files.some(needsStack) ? await startStack({ report: say }) : undefined;
  try {
    endEarly = (exitCode) => {
      interrupted = exitCode;
      void reaper.close();
    };
    const env = environmentFor(stack);
    const together = await runTests(
      files.filter((file) => !isAlone(file)),
      CONCURRENCY,
      env,
      reaper,
    );
    const alone = await runTests(files.filter(isAlone), 1, env, reaper);
    if (interrupted !== undefined) {
      say('Interrupted');
      return interrupted;
    }
    const code = together.code || alone.code;
    const passed = together.counts.passed + alone.counts.passed;
    const failed = together.counts.failed + alone.counts.failed;
    const skipped = together.counts.skipped + alone.counts.skipped;
    if (passed + failed === 0) say('No test ran.');
    say(`${files.length} test files took ${((performance.now() - start) / 1_000).toFixed(1)} s`);
    say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return passed + failed === 0 ? code || 1 : code;
  } finally {
    await Promise.all([reaper.close(), stack?.stop()]);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      unit: { type: 'boolean', default: false },
      extended: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    say('Usage: npm test -- [--unit | --extended] [FILE or FOLDER ...]');
    return 0;
  }
  const files = chooseTests({ ...values, named: positionals });
  if (files.length > 0) return run(files);
  say(`No test found${positionals.length > 0 ? ` in at least one of: ${positionals.join(', ')}` : ''}.`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const expected = error instanceof StackError || (error instanceof TypeError && 'code' in error);
  process.stderr.write(
    `${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
