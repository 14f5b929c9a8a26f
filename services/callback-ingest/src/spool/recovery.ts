import { basename } from 'node:path';
import { carveFile } from './carve.ts';
import type { Database } from './database.ts';
import { faultOf } from './fault.ts';
import type { SpoolFiles } from './files.ts';
import type { Row } from './row.ts';
import type { Notice } from './store.ts';

/** Takes back what can be read of the files that were set aside, a piece at a time, beside other work. */
export interface Recovery {
  /** Looks which files wait. @throws what the file system says */
  look(): void;
  /** Tries again what had to wait: for room, or for a file to be readable. */
  goOn(): void;
  /** Whether there is something to be done now. */
  isDue(): boolean;
  /** Puts one piece of one file into `db`. @throws what SQLite says */
  step(db: Database): void;
}

interface Reading {
  readonly path: string;
  readonly pieces: Iterator<readonly Row[], void>;
  /** Read, and not in the database yet. */
  piece: readonly Row[];
  rows: number;
}

/** A file keeps its mark until all of it was read, so that after a crash it is read again from its beginning. */
export function createRecovery(files: SpoolFiles, tell: (notice: Notice) => void): Recovery {
  let waiting: readonly string[] = [];
  let reading: Reading | null = null;
  let isPaused = false;

  function begin(): Reading | null {
    const [path, ...rest] = waiting;
    waiting = rest;
    return path === undefined ? null : { path, pieces: carveFile(path), piece: [], rows: 0 };
  }

  /** @returns whether the piece that was read is in the database */
  function putIn(now: Reading, db: Database): boolean {
    try {
      const added = db.insert(now.piece);
      if (added === null) return false;
      now.rows += added;
      now.piece = [];
      return true;
    } catch (error) {
      if (faultOf(error).kind === 'full') return false;
      throw error;
    }
  }

  /** @returns whether the file has ended */
  function readOn(now: Reading): boolean {
    const next = now.pieces.next();
    if (!next.done) {
      now.piece = next.value;
      return false;
    }
    files.recovered(now.path);
    tell({ kind: 'recovered', file: basename(now.path), rows: now.rows });
    return true;
  }

  return {
    look() {
      waiting = files.unrecovered().filter((path) => path !== reading?.path);
    },
    goOn() {
      isPaused = false;
    },
    isDue: () => !isPaused && (reading !== null || waiting.length > 0),
    step(db) {
      const now = reading ?? begin();
      reading = now;
      if (!now) return;
      isPaused = now.piece.length > 0 && !putIn(now, db);
      if (isPaused) return;
      try {
        if (readOn(now)) reading = null;
      } catch {
        // The disk does not give it: it is read again from its beginning, after a while.
        waiting = [...waiting, now.path];
        reading = null;
        isPaused = true;
      }
    },
  };
}
