import type { DatabaseSync } from 'node:sqlite';
import { faultOf } from './fault.ts';
import type { SpoolFiles } from './files.ts';
import { arrivalOf, type Row } from './row.ts';
import { checkpoint, numberOf, transaction } from './sqlite.ts';

/** A row and its place in the order of arrival. */
export interface PlacedRow extends Row {
  readonly seq: number;
}

/** The rows in their file. Each of these throws what SQLite says, and has then changed nothing. */
export interface Database {
  /** @returns how many of them were not in there yet, all on disk; null when the bound allows none of them */
  insert(rows: readonly Row[]): number | null;
  /** The oldest after a place. */
  page(afterSeq: number, limit: number): readonly PlacedRow[];
  /** @returns how many of them there were */
  delete(seqs: readonly number[], upToSeq: number): number;
  /** @returns the place of the row, if it is in there */
  find(eventId: string, seq?: number): number | undefined;
  /** Moves rows to the table `unreadable`. */
  putAside(seqs: readonly number[]): void;
  /** Writes and syncs, and changes nothing. @returns whether the bound allows more rows */
  probe(): boolean;
  count(): number;
  countUnreadable(): number;
  /** What it occupies: pages in use, and the log. */
  bytes(): number;
  /** Gives the space of what was deleted back to the disk. */
  shrink(): void;
  /** The file is whole by itself then, without its log. */
  close(): void;
}

export const PAGE_BYTES = 4_096;
/** What a row takes beside its text: its own event id and that in the index, lengths, and room that pages leave. */
const ROW_OVERHEAD_BYTES = 130;
const INDEX_ENTRY_BYTES = 70;
/** The log is taken over into the file when it has this many pages, or a sixteenth of the room that there is. */
const MOST_LOG_PAGES = 1_000;
const LEAST_LOG_PAGES = 16;
/** There must be room for such a one for the spool to count as usable. */
const PROBED: Row = { eventId: '', text: ' '.repeat(1_000) };

/** @throws what SQLite says of its own tables */
export function createOperations(db: DatabaseSync, files: SpoolFiles, maxBytes: number): Database {
  const insertOne = db.prepare(
    'INSERT INTO callbacks (event_id, text) VALUES (?, ?) ON CONFLICT (event_id) DO NOTHING',
  );
  const textOf = db.prepare('SELECT seq, text FROM callbacks WHERE event_id = ?');
  const after = db.prepare('SELECT seq, event_id, text FROM callbacks WHERE seq > ? ORDER BY seq LIMIT ?');
  const deleteOne = db.prepare('DELETE FROM callbacks WHERE seq = ?');
  const deleteUpTo = db.prepare('DELETE FROM callbacks WHERE seq <= ?');
  const copyAside = db.prepare(
    "INSERT OR REPLACE INTO unreadable SELECT seq, event_id, CAST(text AS BLOB), datetime('now') FROM callbacks WHERE seq = ?",
  );

  const usedBytes = () =>
    (numberOf(db, 'PRAGMA page_count') - numberOf(db, 'PRAGMA freelist_count')) * PAGE_BYTES;
  const bytes = () => usedBytes() + files.walBytes();
  const version = numberOf(db, 'PRAGMA user_version');
  let known = numberOf(db, 'SELECT count(*) FROM callbacks');

  const inode = files.inode();
  /** SQLite goes on in files that were removed, and a crash would lose what is in them. */
  function expectInPlace(added: number): void {
    if (files.inode() === inode && (added === 0 || files.walBytes() > 0)) return;
    throw new Error('spool.db or its log is no longer in its folder');
  }

  /** A log that has filled a disk cannot be taken over into the file, which would have to grow for it. */
  function boundLog(): void {
    const pages = Math.floor(Math.min(maxBytes, files.roomBytes()) / PAGE_BYTES / 16);
    const logPages = Math.min(Math.max(pages, LEAST_LOG_PAGES), MOST_LOG_PAGES);
    db.exec(`PRAGMA wal_autocheckpoint = ${logPages}; PRAGMA journal_size_limit = ${logPages * PAGE_BYTES}`);
  }

  /** The log is emptied first where that may help. */
  function hasRoomFor(rows: readonly Row[]): boolean {
    const needed = neededBytes(rows, known);
    if (bytes() + needed <= maxBytes) return true;
    checkpoint(db);
    return bytes() + needed <= maxBytes;
  }

  /** On a disk that is full the log may be what fills it: taken over into the file, it gives its room back. */
  function withLogAsReserve<T>(work: () => T): T {
    try {
      return transaction(db, work);
    } catch (error) {
      if (faultOf(error).kind !== 'full') throw error;
      checkpoint(db);
      return transaction(db, work);
    }
  }

  function moveAside(seq: number): void {
    copyAside.run(seq);
    deleteOne.run(seq);
  }

  function insertRow({ eventId, text }: Row): number {
    if (insertOne.run(eventId, text).changes === 1) return 1;
    // "In there already" counts only if it can be read.
    const stored = textOf.get(eventId);
    if (stored && arrivalOf({ eventId, text: String(stored['text']) })) return 0;
    if (stored) moveAside(Number(stored['seq']));
    insertOne.run(eventId, text);
    // One has gone aside, one has come.
    return 0;
  }

  checkpoint(db);
  boundLog();
  return {
    insert(rows) {
      if (!hasRoomFor(rows)) return null;
      const added = withLogAsReserve(() => rows.reduce((sum, row) => sum + insertRow(row), 0));
      known += added;
      expectInPlace(added);
      return added;
    },
    page: (afterSeq, limit) =>
      after.all(afterSeq, limit).map((row) => ({
        seq: Number(row['seq']),
        eventId: String(row['event_id']),
        text: String(row['text']),
      })),
    delete(seqs, upToSeq) {
      const deleted = transaction(db, () => {
        const upTo = Number(deleteUpTo.run(upToSeq).changes);
        return seqs.reduce((sum, seq) => sum + Number(deleteOne.run(seq).changes), upTo);
      });
      known -= deleted;
      return deleted;
    },
    find(eventId, seq) {
      const found = textOf.get(eventId)?.['seq'];
      if (found === undefined) return undefined;
      return seq === undefined || Number(found) === seq ? Number(found) : undefined;
    },
    putAside(seqs) {
      transaction(db, () => {
        for (const seq of seqs) moveAside(seq);
      });
      known -= seqs.length;
    },
    probe() {
      expectInPlace(0);
      db.exec(`PRAGMA user_version = ${version}`);
      return hasRoomFor([PROBED]);
    },
    count: () => known,
    countUnreadable: () => numberOf(db, 'SELECT count(*) FROM unreadable'),
    bytes,
    shrink() {
      db.exec('PRAGMA incremental_vacuum');
      checkpoint(db);
      boundLog();
    },
    close: () => db.close(),
  };
}

/**
 * How much the file and its log may grow by a commit of `rows`. Event ids are random, so that each row may touch
 * a page of the index of its own, and the log takes whole pages.
 */
function neededBytes(rows: readonly Row[], known: number): number {
  const texts = rows.reduce((sum, { text }) => sum + Buffer.byteLength(text) + ROW_OVERHEAD_BYTES, 0);
  const growth = texts * 1.1 + 4 * PAGE_BYTES;
  const indexPages = Math.ceil(((known + rows.length) * INDEX_ENTRY_BYTES) / PAGE_BYTES) + 2;
  return 2 * growth + Math.min(rows.length, indexPages) * PAGE_BYTES;
}
