/**
 * A Python for tests: the machine's own, with the packages of `examples/python`, or others, in a virtual environment
 * that is made once and kept in the user's cache.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Reaper, startReaper } from '@whatsapp-stream/stack';

/** What is to be installed, and how it shows that it works. */
export interface PythonPackages {
  /** Path of a pinned `requirements.txt`. */
  readonly requirements: string;
  /** Runs without an error where the packages work: native libraries load, too. */
  readonly probe: string;
  /** pip's own options. */
  readonly pipOptions: readonly string[];
}

const EXAMPLES: PythonPackages = {
  requirements: fileURLToPath(new URL('../../examples/python/requirements.txt', import.meta.url)),
  probe: 'import confluent_kafka.schema_registry.avro',
  // Without a wheel for this machine pip would try to compile, and fail minutes later for want of librdkafka.
  pipOptions: ['--only-binary=:all:'],
};
/** Debian has a Python without the module that virtual environments are made with. */
const PROBE = `
import platform, sys
if sys.version_info < (3, 9): sys.exit("it is " + platform.python_version() + ", older than 3.9")
try: import ensurepip, venv
except ImportError: sys.exit("it cannot make virtual environments: install python3-venv")
print(platform.python_version())
print(sys.executable)`;
const QUOTED_CHARACTERS = 2_000;

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine's own Python. */
export interface Python {
  readonly version: string;
  /** Path of the interpreter itself, where `python3` may be a shim that picks one of several. */
  readonly executable: string;
}

/**
 * Runs a program to its end.
 * @param reaper ends it, and what it started, if this process is killed
 * @throws when it cannot be started
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  reaper?: Reaper,
): Promise<Ended> {
  const child = spawn(program, args, {
    env,
    detached: reaper !== undefined,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const target = { kind: 'process', id: String(child.pid) } as const;
  if (child.pid !== undefined) reaper?.watch(target);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  reaper?.forget(target);
  return { code: typeof code === 'number' ? code : null, stdout, stderr };
}

/**
 * Looks for a `python3` of 3.9 or newer that can make virtual environments.
 * @returns the Python, or why there is none that tests can use
 * @throws with CI=true when there is none: there, a test that is skipped would never be missed
 */
export async function findPython(): Promise<
  { readonly ok: true; readonly python: Python } | { readonly ok: false; readonly reason: string }
> {
  const asked = await runProgram('python3', ['-c', PROBE]).catch(() => undefined);
  const [version, executable] = asked?.stdout.trim().split('\n') ?? [];
  if (asked?.code === 0 && version && executable) return { ok: true, python: { version, executable } };
  const why = asked === undefined ? 'it is not on the PATH' : asked.stderr.trim().split('\n').at(-1);
  const reason = `this needs python3, 3.9 or newer, and ${why}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return { ok: false, reason };
}

/** A relative XDG_CACHE_HOME counts as none: https://specifications.freedesktop.org/basedir/latest/ */
export function cacheFolder(): string {
  const xdg = process.env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'whatsapp-stream');
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Makes sure that the virtual environment for the packages is there; another Python or other requirements get
 * another one. The first time downloads them, some 15 MB for the examples, from PyPI, or from where pip's own
 * settings say.
 * @returns the path of its interpreter
 * @throws with the last words of venv or pip
 */
export async function ensureEnvironment(
  python: Python,
  report: (line: string) => void,
  packages: PythonPackages = EXAMPLES,
): Promise<string> {
  const hash = createHash('sha256').update(await readFile(packages.requirements));
  hash.update(`${python.version} ${python.executable}`);
  const folder = join(cacheFolder(), `python-${hash.digest('hex').slice(0, 16)}`);
  const interpreter = join(folder, 'bin', 'python');
  if (await exists(interpreter)) return interpreter;
  report(`The first run makes a Python environment in ${folder}`);
  const start = performance.now();
  await build(python, folder, interpreter, packages);
  report(`The Python environment is in place (${((performance.now() - start) / 1_000).toFixed(1)} s)`);
  return interpreter;
}

/**
 * Builds in a temporary sibling and renames it, so that what has the final name is always whole: a run that is
 * killed leaves nothing, and of two runs at once the second keeps what the first one put. A virtual environment
 * that was moved works when its interpreter is called directly; only its scripts still name the old place.
 */
async function build(
  python: Python,
  folder: string,
  interpreter: string,
  { requirements, probe, pipOptions }: PythonPackages,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  const reaper = startReaper();
  reaper.watch({ kind: 'folder', id: temporary });
  const own = join(temporary, 'bin', 'python');
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
  try {
    await expectSuccess(python.executable, ['-m', 'venv', temporary], reaper);
    const install = ['-m', 'pip', 'install', ...quiet, ...pipOptions, '-r', requirements];
    await expectSuccess(own, install, reaper);
    await expectSuccess(own, ['-c', probe], reaper);
    await rename(temporary, folder).catch(async (error: unknown) => {
      if (!(await exists(interpreter))) throw error;
    });
  } finally {
    await reaper.close();
  }
}

async function expectSuccess(program: string, args: readonly string[], reaper: Reaper): Promise<void> {
  const { code, stdout, stderr } = await runProgram(program, args, process.env, reaper);
  if (code === 0) return;
  const words = `${stdout}${stderr}`.trim().slice(-QUOTED_CHARACTERS);
  throw new Error(`${basename(program)} ${args.slice(0, 3).join(' ')} failed (${code}):\n${words}`);
}
