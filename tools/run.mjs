/**
 * Runs one of the project's programs: `node tools/run.mjs FILE [ARG ...]`.
 *
 * The only plain JavaScript here, because it must run on whatever Node (20 or newer) a fresh machine has:
 * it installs the dependencies when they are missing or no longer match the lock file, then hands over to
 * the Node 24 that came with them, which runs TypeScript as it is.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundledNode = `${root}node_modules/node/bin/node`;
const stamp = `${root}node_modules/.installed`;

/** @returns {Promise<number>} the exit code, or 128 + the number of the signal that ended the child */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
    // A terminal sends Ctrl-C to the whole group: the child gets it by itself and decides when to end.
    process.on('SIGINT', () => {});
    process.on('SIGHUP', () => child.kill('SIGHUP'));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
  });
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');

async function install() {
  if (process.env.WHATSAPP_STREAM_INSTALLED === '1') return;
  const wanted = lockHash();
  if (existsSync(bundledNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('Installing dependencies (once; a minute or so with an empty npm cache) …\n');
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (code !== 0) {
    const interrupted = code > 128;
    process.stderr.write(
      interrupted ? 'Interrupted.\n' : 'npm ci failed: see above. Is the npm registry reachable?\n',
    );
    process.exit(code);
  }
  writeFileSync(stamp, wanted);
}

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 20) {
  process.stderr.write(`Node ${process.versions.node} is too old: install Node 20 or newer to start from.\n`);
  process.exit(69);
}
const [file, ...args] = process.argv.slice(2);
await install();
const node = existsSync(bundledNode) ? bundledNode : process.execPath;
process.exitCode = await run(node, ['--import', `${root}tools/with-parent.mjs`, `${root}${file}`, ...args], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  // What it has compiled once: the second start of a command takes two thirds of the time, and less memory.
  env: { NODE_COMPILE_CACHE: `${root}node_modules/.cache/node-compile`, ...process.env },
});
