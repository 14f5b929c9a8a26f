import { existsSync, statSync } from 'node:fs';

/** Whether a path on the command line means a folder: it is one, or ends like one. */
export function isFolder(path: string): boolean {
  return path.endsWith('/') || (existsSync(path) && statSync(path).isDirectory());
}
