import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(4_096, 1);
const FOR_MS = 2_000;

/** How many blocks of 4 KiB a second can be appended to a file of the folder, each synced before the next. */
export function syncsPerSecond(folder: string): number {
  const path = join(folder, 'synced');
  const file = openSync(path, 'a');
  const startMs = performance.now();
  let count = 0;
  while (performance.now() - startMs < FOR_MS) {
    writeSync(file, BLOCK);
    fdatasyncSync(file);
    count += 1;
  }
  const tookMs = performance.now() - startMs;
  closeSync(file);
  rmSync(path);
  return count / (tookMs / 1_000);
}
