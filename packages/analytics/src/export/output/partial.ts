import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
// Not from the whole package: with its servers and metrics a process would take memory for nothing.
import { isAlive } from '@whatsapp-stream/service-kit/is-alive';

/**
 * Where an output grows until it is whole: beside its place, under a name that tells which process it belongs to.
 * `.events.ndjson.5d41402a-4242-9f3c.partial` is of the process 4242 of one machine.
 */
export interface Partial {
  readonly path: string;
  /** Removes what is there still. */
  remove(): Promise<void>;
}

const SUFFIX = '.partial';
/** Another machine's processes cannot be asked whether they live. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
/** Those of this process. */
const own = new Set<string>();

/** @param target where the output will be; its folder exists */
export function claimPartial(target: string): Partial {
  const id = `${HOST}-${process.pid}-${randomBytes(2).toString('hex')}`;
  const path = join(dirname(target), `.${basename(target)}.${id}${SUFFIX}`);
  // A thread that still writes there may add to it meanwhile.
  const removeNow = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  own.add(path);
  process.once('exit', removeNow);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      own.delete(path);
      process.removeListener('exit', removeNow);
    },
  };
}

/**
 * A folder of this process among the system's temporary ones, that nobody else can read.
 * @param name tells folders of the same purpose: those that killed processes left are removed
 */
export async function temporaryFolder(name: string): Promise<Partial> {
  const target = join(tmpdir(), `whatsapp-stream-${name}`);
  await removeLeftovers(target);
  const partial = claimPartial(target);
  await mkdir(partial.path, { mode: 0o700 });
  return partial;
}

/** @returns what earlier runs for the same target left when they were killed; that of living processes is not theirs */
export async function leftoversOf(target: string): Promise<readonly string[]> {
  const folder = dirname(target);
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name)).filter((path) => isLeftover(path, basename(target)));
}

/** Removes them; what belongs to another user stays. */
export async function removeLeftovers(target: string): Promise<void> {
  const left = await leftoversOf(target);
  await Promise.allSettled(left.map((path) => rm(path, { recursive: true, force: true })));
}

function isLeftover(path: string, target: string): boolean {
  const name = basename(path);
  const before = `.${target}.${HOST}-`;
  if (!name.startsWith(before) || !name.endsWith(SUFFIX)) return false;
  const match = /^(\d+)-[0-9a-f]{4}$/.exec(name.slice(before.length, -SUFFIX.length));
  if (match === null || own.has(path)) return false;
  const pid = Number(match[1]);
  // A process that was killed and one that started since can have the same number, as in a container.
  return pid === process.pid || !isAlive(pid);
}

/** Makes sure that a file, or the names in a folder, outlast a power cut. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
