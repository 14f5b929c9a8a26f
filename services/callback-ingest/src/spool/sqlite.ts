import type { DatabaseSync } from 'node:sqlite';
import { faultOf } from './fault.ts';

/** Takes the log over into the file and empties it, if the disk has room for that. */
export function checkpoint(db: DatabaseSync): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (faultOf(error).kind !== 'full') throw error;
  }
}

/** All of `work` or nothing of it, on disk when this returns. @throws what `work` and SQLite do */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself where it had to.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** The one number that a query gives; 0 where it gives none. */
export function numberOf(db: DatabaseSync, query: string): number {
  const [value] = Object.values(db.prepare(query).get() ?? {});
  return Number(value ?? 0);
}
