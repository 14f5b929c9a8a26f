import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy, NotOursError } from './fault.ts';
import { isCut } from './wal.ts';

const DATABASE = 'spool.db';
const WAL = `${DATABASE}-wal`;
const LOCK = 'spool.lock';
/** At the end of a name until all that can be read of the file has been recovered. */
const UNRECOVERED = '.unrecovered';
const PARTIAL = '.partial';

/** What lies in the spool's folder. Each of these throws what the file system says. */
export interface SpoolFiles {
  readonly database: string;
  /** In bytes; 0 when there is none. */
  walBytes(): number;
  /** What the database and its log have, and what is free beside them on their disk; in bytes. */
  roomBytes(): number;
  /** Tells one file that is the database from another one in its place; null when there is none. */
  inode(): number | null;
  /**
   * Puts in safety what SQLite would throw away by opening: a log without its database, or one that is cut.
   * @returns the names of what was set aside
   */
  rescueWal(): readonly string[];
  /** Renames the database and its log; the file descriptors of who has them open still work. @returns the names */
  setAside(): readonly string[];
  /** Set aside, and not recovered yet. */
  unrecovered(): readonly string[];
  recovered(path: string): void;
  /** Ends the database and its log, whose rows nobody needs any more. */
  discard(): void;
}

/** @param now in ms since the epoch, for the names of what is set aside */
export function spoolFiles(dir: string, now: () => number): SpoolFiles {
  const database = join(dir, DATABASE);
  const wal = join(dir, WAL);

  function nameFor(suffix: string): string {
    const base = `damaged-${new Date(now()).toISOString().replaceAll(':', '-')}`;
    for (let n = 0; ; n += 1) {
      const name = `${base}${n === 0 ? '' : `-${n}`}.${suffix}`;
      const path = join(dir, name);
      if (!existsSync(path) && !existsSync(`${path}${UNRECOVERED}`)) return `${name}${UNRECOVERED}`;
    }
  }

  function putAside(path: string, suffix: string): string {
    const name = nameFor(suffix);
    renameSync(path, join(dir, name));
    syncPath(dir);
    return name;
  }

  function copyAside(path: string, suffix: string): string {
    const name = nameFor(suffix);
    const partial = join(dir, `${name}${PARTIAL}`);
    copyFileSync(path, partial, constants.COPYFILE_EXCL);
    syncPath(partial);
    renameSync(partial, join(dir, name));
    syncPath(dir);
    return name;
  }

  return {
    database,
    walBytes: () => sizeOf(wal),
    roomBytes() {
      const { bavail, bsize } = statfsSync(dir);
      return bavail * bsize + sizeOf(database) + sizeOf(wal);
    },
    inode: () => statSync(database, { throwIfNoEntry: false })?.ino ?? null,
    rescueWal() {
      for (const name of readdirSync(dir).filter((one) => one.endsWith(PARTIAL))) rmSync(join(dir, name));
      if (sizeOf(wal) === 0) return [];
      if (sizeOf(database) === 0) return [putAside(wal, 'db-wal')];
      return isCut(wal) ? [copyAside(wal, 'db-wal')] : [];
    },
    setAside() {
      // The log first: a new database beside an old log would make SQLite delete the log.
      const log = sizeOf(wal) > 0 ? [putAside(wal, 'db-wal')] : [];
      return existsSync(database) ? [...log, putAside(database, 'db')] : log;
    },
    unrecovered: () =>
      readdirSync(dir)
        .filter((name) => name.endsWith(UNRECOVERED))
        .toSorted()
        .map((name) => join(dir, name)),
    recovered(path) {
      renameSync(path, path.slice(0, -UNRECOVERED.length));
      syncPath(dir);
    },
    discard() {
      rmSync(wal, { force: true });
      rmSync(database, { force: true });
      syncPath(dir);
    },
  };
}

/**
 * Makes the folder and its files, for our eyes only, and holds it for this process until it ends or lets go.
 * The lock is SQLite's on an empty database, because Node has none of its own that ends with its process.
 * @returns what lets go
 * @throws NotOursError when another process has it
 */
export function holdFolder(dir: string): () => void {
  makeFolder(resolve(dir));
  const path = join(dir, LOCK);
  makeFile(path);
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new NotOursError('SPOOL_DIR is in use by another process');
    throw new NotOursError(`${LOCK} cannot be locked`, { cause: error });
  }
  return () => lock.close();
}

/** Not by Node's own `recursive`: where the system refuses with ENOENT, as /proc does, that tries for ever. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) return;
  makeFolder(dirname(dir));
  mkdirSync(dir, { mode: 0o700 });
  syncPath(dirname(dir));
}

/**
 * Makes an empty file, readable by us alone, where there is none. One that is there is not opened: closing a file
 * would end the locks that this process has on it (POSIX).
 */
export function makeFile(path: string): void {
  if (existsSync(path)) return;
  closeSync(openSync(path, 'a', 0o600));
}

/** Of a folder: what was made and renamed in it. */
function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
