/**
 * What must hold before a change is taken: `npm run check`. Types, lint and format, generated files, and a lock
 * file that every machine can install from. With `--fix` lint and format are mended where they can be.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => `${ROOT}node_modules/.bin/${name}`;

interface Step {
  readonly name: string;
  /** @returns whether all is well; what is not has been printed */
  readonly run: () => boolean;
}

function command(program: string, ...args: string[]): () => boolean {
  return () => spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' }).status === 0;
}

/** A lock file that names a registry's host installs from nowhere else. */
function lockFileNamesNoHost(): boolean {
  const lines = readFileSync(`${ROOT}package-lock.json`, 'utf8').split('\n');
  const hosts = lines.flatMap((line, i) =>
    /"resolved": "https?:/.test(line) ? [`${i + 1}: ${line.trim()}`] : [],
  );
  for (const line of hosts.slice(0, 5)) process.stderr.write(`package-lock.json:${line}\n`);
  return hosts.length === 0;
}

const fix = process.argv.includes('--fix');
const STEPS: readonly Step[] = [
  { name: 'types', run: command(bin('tsc'), '-p', 'tsconfig.json') },
  {
    name: 'lint and format',
    run: command(bin('biome'), fix ? 'check' : 'ci', ...(fix ? ['--write'] : []), '.'),
  },
  {
    name: 'generated files',
    run: command(process.execPath, 'tools/generate.ts', ...(fix ? [] : ['--check'])),
  },
  { name: 'lock file', run: lockFileNamesNoHost },
];

const failed = STEPS.filter(({ name, run }) => {
  const well = run();
  process.stdout.write(`${well ? '✔' : '✖'} ${name}\n`);
  return !well;
});
process.exitCode = failed.length > 0 ? 1 : 0;
