import { glob, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Paths of Parquet files, of folders that hold some at any depth, or globs. */
export type EventFiles = string | readonly string[];

/** A path under which there is no Parquet file. */
export class NoEventsError extends Error {
  override readonly name = 'NoEventsError';
  readonly path: string;

  constructor(path: string) {
    super(`there is no Parquet file of status events: ${path}`);
    this.path = path;
  }
}

/**
 * @returns the Parquet files under each path, each once, in the order of their names. Names that start with `.` or `_`
 * are passed over, as everywhere with Parquet: they are not finished, or about others.
 * @throws NoEventsError for a path without any
 */
export async function parquetFiles(files: EventFiles): Promise<readonly string[]> {
  const paths = typeof files === 'string' ? [files] : files;
  if (paths.length === 0) throw new NoEventsError('(no path was given)');
  const found = await Promise.all(paths.map(filesUnder));
  return [...new Set(found.flat())].toSorted();
}

async function filesUnder(path: string): Promise<readonly string[]> {
  const files = await filesOf(path);
  if (files.length === 0) throw new NoEventsError(path);
  return files;
}

async function filesOf(path: string): Promise<readonly string[]> {
  const kind = await kindOf(path);
  if (kind === 'file') return [path];
  if (kind === 'folder') {
    const inside = await allOf(glob('**/*.parquet', { cwd: path }));
    return inside.filter((file) => !isHidden(file)).map((file) => join(path, file));
  }
  const matches = await allOf(glob(path));
  const kinds = await Promise.all(matches.map(kindOf));
  return matches.filter((match, i) => kinds[i] === 'file' && !isHidden(basename(match)));
}

async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const isHidden = (file: string) => file.split(/[\\/]/).some((part) => /^[._]/.test(part));

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return null;
    throw error;
  }
}
