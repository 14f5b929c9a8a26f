import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Ended, runProgram } from './python.ts';
import type { Snippet } from './snippets.ts';
import type { System } from './system.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A snippet that hangs must fail before its test does. */
const WITHIN_MS = 60_000;

export interface SnippetRunner {
  /**
   * Runs a program as a reader would who has copied it, with the addresses and topics of the test in the place of the
   * document's.
   * @param isEnough looked at as output comes; when it holds the program is ended by SIGTERM, as a deployment would
   * @returns what it printed; of SQL, each row as a JSON object on a line
   */
  run(snippet: Snippet, isEnough?: (stdout: string) => boolean): Promise<Ended>;
  /** @returns the compiler's complaints about these programs, empty if it has none */
  typeCheck(snippets: readonly Snippet[]): Promise<string>;
  close(): void;
}

/**
 * What the documents say, and what stands in its place here:
 * - `kafka:9092` and `http://registry:8081`: the addresses of the test's stack
 * - `whatsapp.…`: the topics of the system; in TypeScript, which does not name them, they are given beside the registry
 * - `warehouse/`: a folder that is gone afterwards
 *
 * A program of the shell runs in the root of the repository, with the environment of the system, and with `python` being
 * the one that has what the examples require.
 */
export function createSnippetRunner(system: System, interpreter: string): SnippetRunner {
  const { names, env: systemEnv } = system;
  // Within the repository, so that its packages are found; git ignores it.
  mkdirSync(join(ROOT, 'tmp'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'tmp', 'snippets-'));
  const path = `${dirname(interpreter)}${delimiter}${dirname(process.execPath)}${delimiter}${process.env['PATH']}`;
  const env: NodeJS.ProcessEnv = { ...process.env, ...systemEnv, PATH: path };
  const registryUrl = String(env['SCHEMA_REGISTRY_URL']);
  const { lanes, status, deadLetter, control } = names;
  const topics = JSON.stringify({ lanes, status, deadLetter, control });
  let files = 0;

  function substituted({ language, code }: Snippet): string {
    const prefix = names.status.slice(0, names.status.indexOf('whatsapp.'));
    const here = code
      .replaceAll('kafka:9092', String(env['KAFKA_BROKERS']))
      .replaceAll(/\bwhatsapp\.(?=send|status|control)/g, `${prefix}whatsapp.`)
      .replaceAll('warehouse/', `${folder}/warehouse/`);
    if (language !== 'ts') return here.replaceAll('http://registry:8081', registryUrl);
    return here.replaceAll(
      "registry: 'http://registry:8081'",
      `registry: '${registryUrl}', topics: ${topics}`,
    );
  }

  function fileOf(snippet: Snippet, ending: string): string {
    files += 1;
    const file = join(folder, `${files}.${ending}`);
    writeFileSync(file, substituted(snippet));
    return file;
  }

  const commands: Readonly<Record<Exclude<Snippet['language'], 'sql'>, (of: Snippet) => readonly string[]>> =
    {
      ts: (snippet) => [process.execPath, fileOf(snippet, 'ts')],
      python: (snippet) => [interpreter, fileOf(snippet, 'py')],
      sh: (snippet) => ['bash', '-euc', substituted(snippet)],
    };

  return {
    run(snippet, isEnough = () => false) {
      if (snippet.language === 'sql') return query(substituted(snippet));
      const [program = '', ...args] = commands[snippet.language](snippet);
      return runUntil(program, args, env, isEnough);
    },
    async typeCheck(snippets) {
      const config = {
        extends: join(ROOT, 'tsconfig.base.json'),
        files: snippets.map((snippet) => fileOf(snippet, 'ts')),
      };
      const file = join(folder, 'tsconfig.json');
      writeFileSync(file, JSON.stringify(config));
      const { stdout } = await runProgram(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', file], env);
      // What is in the packages is looked at by `npm run check`, with declarations that are not known here.
      const ownLines = stdout.split('\n').filter((line) => line.includes(basename(folder)));
      return ownLines.join('\n');
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function runUntil(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  isEnough: (stdout: string) => boolean,
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(WITHIN_MS),
    killSignal: 'SIGKILL',
  });
  const closed = once(child, 'close');
  const stderr = text(child.stderr);
  let stdout = '';
  let ended = false;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    if (ended || !isEnough(stdout)) return;
    // Once: a second one would not be handled.
    ended = true;
    child.kill('SIGTERM');
  });
  const [code] = await closed;
  return { code: typeof code === 'number' ? code : null, stdout, stderr: await stderr };
}

/** DuckDB as its own shell or Python would run it: one statement after the other, the rows of the last. */
async function query(sql: string): Promise<Ended> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    return { code: 0, stdout: rows.map((row) => `${JSON.stringify(row)}\n`).join(''), stderr: '' };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
