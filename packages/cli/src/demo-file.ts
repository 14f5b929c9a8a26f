import {
  accessSync,
  constants,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '@whatsapp-stream/service-kit/is-alive';
import { z } from 'zod';

/** Where a demo that runs on this machine can be reached. */
export interface Demo {
  readonly pid: number;
  readonly brokers: string;
  readonly registryUrl: string;
  /** In ms since the epoch. */
  readonly startedAt: number;
}

const demoSchema = z.object({
  pid: z.int().positive(),
  brokers: z.string().min(1),
  registryUrl: z.url(),
  startedAt: z.int(),
});

/** Others on this machine must neither read it nor put one there in our name. */
const OWNER_ONLY = 0o600;
const WRITABLE_BY_OTHERS = 0o022;

/** Where running demos of this user leave a file each, by which other terminals find their Kafka. */
export function demoFolder(env: NodeJS.ProcessEnv = process.env): string {
  const runtime = env['XDG_RUNTIME_DIR'];
  // `su` and `sudo` leave it pointing at a folder that is not there, or is another user's.
  return runtime && isFolder(runtime) ? runtime : tmpdir();
}

function isFolder(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const user = process.getuid?.() ?? 'user';
const nameOf = (pid: number) => `whatsapp-stream-demo-${user}-${pid}.json`;
const NAME = new RegExp(`^whatsapp-stream-demo-${user}-\\d+\\.json$`);

/** Written as a whole or not at all. */
export function writeDemoFile(demo: Demo, folder: string = demoFolder()): void {
  const path = join(folder, nameOf(demo.pid));
  const draft = `${path}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(demo)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  renameSync(draft, path);
}

/** @returns the demo that was started last among those that run; null when there is none */
export function readDemoFile(folder: string = demoFolder()): Demo | null {
  const demos = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .flatMap((name) => readOne(join(folder, name)) ?? []);
  return demos.toSorted((a, b) => b.startedAt - a.startedAt)[0] ?? null;
}

export function removeDemoFile(pid: number, folder: string = demoFolder()): void {
  rmSync(join(folder, nameOf(pid)), { force: true });
}

/** @returns null when it is not ours, cannot be understood, or its process is gone */
function readOne(path: string): Demo | null {
  if (!isOurs(path)) return null;
  try {
    const demo = demoSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return demo.success && isAlive(demo.data.pid) ? demo.data : null;
  } catch {
    return null;
  }
}

function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return false;
  const uid = process.getuid?.();
  return uid === undefined || (found.uid === uid && (found.mode & WRITABLE_BY_OTHERS) === 0);
}
