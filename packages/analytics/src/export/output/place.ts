import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ExportError } from '../errors.ts';

/**
 * Makes a folder and those above it. Node's recursive `mkdir` never ends where the system says that a folder is missing
 * although all above it are there, as in `/proc`.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if ((await kindOf(path)) === 'folder') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

/**
 * @returns where a file is to be put so that it replaces what has this path: behind links, so that `/dev/stdout` or a
 * link to the newest file stays what it is
 * @throws ExportError when something is there that is no file: a device would be gone for everybody
 */
export async function filePlace(path: string): Promise<string> {
  const kind = await kindOf(path);
  if (kind === null) return path;
  if (kind === 'file') return realpath(path);
  throw new ExportError('unwritable', `${path} is no file that could be replaced: name another path`);
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'other' | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  if (found.isFile()) return 'file';
  return found.isDirectory() ? 'folder' : 'other';
}
