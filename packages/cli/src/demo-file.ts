import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** The file by which `npm start` tells other terminals of the same user where its Kafka is. */
export function demoFile(env: NodeJS.ProcessEnv = process.env): string {
  const folder = env['XDG_RUNTIME_DIR'] || tmpdir();
  return join(folder, `whatsapp-stream-demo-${process.getuid?.() ?? 'user'}.json`);
}

/** Written as a whole or not at all; the demo that was started last is the one that is found. */
export function writeDemoFile(demo: Demo, path: string = demoFile()): void {
  const draft = `${path}.${demo.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(demo)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  renameSync(draft, path);
}

/** @returns null when there is none, it is not ours, it cannot be understood, or its process is gone */
export function readDemoFile(path: string = demoFile()): Demo | null {
  if (!isOurs(path)) return null;
  try {
    const demo = demoSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return demo.success && isAlive(demo.data.pid) ? demo.data : null;
  } catch {
    return null;
  }
}

/** Removes it if it is still the one of process `pid`. */
export function removeDemoFile(pid: number, path: string = demoFile()): void {
  if (readDemoFile(path)?.pid === pid) rmSync(path, { force: true });
}

function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return false;
  const uid = process.getuid?.();
  return uid === undefined || (found.uid === uid && (found.mode & WRITABLE_BY_OTHERS) === 0);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
