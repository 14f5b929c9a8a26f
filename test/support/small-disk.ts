import { spawnSync } from 'node:child_process';
import { ownFolder } from './system.ts';

/** A file system of its own, so small that a test can fill it. Gone when this process ends. */
export interface SmallDisk {
  readonly folder: string;
  setReadOnly(readOnly: boolean): void;
}

/** @returns why there is none: only who may mount gets one */
export function mountSmallDisk(
  sizeBytes: number,
): { readonly ok: true; readonly disk: SmallDisk } | { readonly ok: false; readonly reason: string } {
  const folder = ownFolder('disk');
  const mounted = run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder]);
  if (mounted !== null) return { ok: false, reason: `no file system can be mounted: ${mounted}` };
  // Before the folder is removed: what was asked for last is done first.
  process.prependOnceListener('exit', () => run('umount', ['--lazy', folder]));
  const setReadOnly = (readOnly: boolean) => {
    const failed = run('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder]);
    if (failed !== null) throw new Error(failed);
  };
  return { ok: true, disk: { folder, setReadOnly } };
}

/** @returns what it said when it failed; null when all went well */
function run(program: string, args: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return null;
  return error?.message ?? stderr.trim();
}
