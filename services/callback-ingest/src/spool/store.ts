import type { Database } from './database.ts';
import { openDatabase, SetAsideError } from './database-file.ts';
import { type Fault, faultOf, NotOursError } from './fault.ts';
import { holdFolder, type SpoolFiles, spoolFiles } from './files.ts';
import { createGone } from './gone.ts';
import { readOldest } from './reading.ts';
import { createRecovery } from './recovery.ts';
import type { Row } from './row.ts';
import type { Kept, Spooled, SpoolState } from './spool.ts';

/** What operators are told of. */
export type Notice =
  | { readonly kind: 'set-aside'; readonly files: readonly string[]; readonly why: string }
  | { readonly kind: 'recovered'; readonly file: string; readonly rows: number }
  | { readonly kind: 'unreadable'; readonly rows: number }
  | { readonly kind: 'begun-anew' };

/** One row, told by its place and by its event. */
export interface RowName {
  readonly seq?: number;
  readonly eventId: string;
}

export interface StoreOptions {
  readonly dir: string;
  readonly maxBytes: number;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly tell: (notice: Notice) => void;
}

/** The spool without its thread: blocks while the disk works. None of these throws. */
export interface Store {
  /** Opens the file where it is not open, and finds out whether it can be written. To be called again and again. */
  probe(): void;
  /** Each batch is kept as a whole or not at all; all with one sync, if that goes. */
  keep(batches: readonly (readonly Row[])[]): readonly Kept[];
  oldest(limit: number): readonly Spooled[];
  remove(names: readonly RowName[]): void;
  /** Whether `recover` has something to do now. */
  isRecoveryDue(): boolean;
  /** Takes back one piece of what was set aside. */
  recover(): void;
  state(): SpoolState;
  close(): void;
}

type Done<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

const NOT_OPEN = { kind: 'broken', why: 'the spool is not open' } as const satisfies Fault;
const FULL = 'there is no room for more';

export function createStore({ dir, maxBytes, now, tell }: StoreOptions): Store {
  const files = spoolFiles(dir, now);
  const gone = createGone();
  const recovery = createRecovery(files, tell);
  let letGo: (() => void) | null = null;
  let database: Database | null = null;
  let trouble: Fault | null = null;
  /** What found no room last. Room there is when it finds some. */
  let refused: readonly Row[] = [];

  /** Does `work`, and what its failure asks for; on a new file once more where the old one was damaged. */
  function attempt<T>(work: (db: Database) => T): Done<T> {
    for (let isAgain = false; ; isAgain = true) {
      if (!database) return { ok: false, fault: trouble ?? NOT_OPEN };
      try {
        return { ok: true, value: work(database) };
      } catch (error) {
        const fault = faultOf(error);
        if (fault.kind === 'full') return { ok: false, fault };
        shut(fault);
        if (fault.kind === 'broken' || isAgain) return { ok: false, fault };
        open();
      }
    }
  }

  function shut(fault: Fault): void {
    const db = database;
    database = null;
    trouble = fault;
    gone.clear();
    try {
      // Renamed before it is closed, so that closing does not write the log into the damaged file and delete it.
      if (fault.kind === 'damaged') tell({ kind: 'set-aside', files: files.setAside(), why: fault.why });
    } catch (error) {
      trouble = faultOf(error);
    }
    closeQuietly(() => db?.close());
    if (trouble.kind !== 'damaged') release();
  }

  function release(): void {
    closeQuietly(() => letGo?.());
    letGo = null;
  }

  function open(): void {
    try {
      letGo ??= holdFolder(dir);
      const rescued = files.rescueWal();
      if (rescued.length > 0)
        tell({ kind: 'set-aside', files: rescued, why: 'the log of spool.db is damaged' });
      database = openOrBegin(files, maxBytes, tell);
      recovery.look();
      trouble = null;
    } catch (error) {
      trouble = error instanceof NotOursError ? { kind: 'broken', why: error.message } : faultOf(error);
      // The folder may have been removed: it is made again only by whoever does not hold it yet.
      release();
    }
  }

  /** @returns null when it is not in there, or gone */
  function placeOf(db: Database, { eventId, seq }: RowName): number | null {
    const found = db.find(eventId, seq);
    return found === undefined || gone.has(found) ? null : found;
  }

  function removeFrom(db: Database, names: readonly RowName[]): void {
    const seqs = names.map((name) => placeOf(db, name)).filter((seq) => seq !== null);
    if (seqs.length + gone.count() === 0) return;
    try {
      db.delete([...gone.others(), ...seqs], gone.upToSeq());
      gone.clear();
    } catch (error) {
      if (faultOf(error).kind !== 'full') throw error;
      gone.add(seqs);
      const isDrained = gone.count() > 0 && gone.count() === db.count() && db.countUnreadable() === 0;
      if (isDrained) beginAnew(db);
    }
    if (database && database.count() === 0) database.shrink();
  }

  /** A disk that is full by our own file would stay so for ever, if deleting needs room. */
  function beginAnew(db: Database): void {
    database = null;
    gone.clear();
    db.close();
    files.discard();
    tell({ kind: 'begun-anew' });
    open();
  }

  function keepOne(rows: readonly Row[]): Kept {
    const done = attempt((db) => db.insert(rows));
    if (done.ok && done.value !== null) {
      if (rows.length >= refused.length) hasRoom();
      return { kind: 'kept' };
    }
    if (!done.ok && done.fault.kind !== 'full') return { kind: 'broken', why: done.fault.why };
    trouble = { kind: 'full' };
    refused = rows;
    return { kind: 'full' };
  }

  function hasRoom(): void {
    trouble = null;
    refused = [];
  }

  return {
    probe() {
      if (!database) open();
      const done = attempt((db) => {
        if (gone.count() > 0) removeFrom(db, []);
        return (database ?? db).probe();
      });
      recovery.goOn();
      if (!done.ok) trouble = done.fault;
      else if (!done.value) trouble = { kind: 'full' };
      else if (refused.length === 0) hasRoom();
      // They were answered 503, and may as well be kept: if they come again, they are the same events.
      else keepOne(refused);
    },
    keep(batches) {
      const together = keepOne(batches.flat());
      if (together.kind !== 'full' || batches.length === 1) return batches.map(() => together);
      return batches.map(keepOne);
    },
    oldest(limit) {
      const done = attempt((db) => readOldest(db, gone, limit, tell));
      return done.ok ? done.value : [];
    },
    remove(names) {
      attempt((db) => removeFrom(db, names));
      if (trouble?.kind === 'full' && database) keepOne(refused);
    },
    isRecoveryDue: () => database !== null && recovery.isDue(),
    recover() {
      attempt((db) => recovery.step(db));
    },
    state() {
      const done = attempt((db) => ({ events: db.count() - gone.count(), bytes: db.bytes() }));
      const why = trouble && (trouble.kind === 'full' ? FULL : trouble.why);
      return { ...(done.ok ? done.value : { events: 0, bytes: 0 }), trouble: why };
    },
    close() {
      shut(NOT_OPEN);
    },
  };
}

/** What cannot be closed is not worth an error: its descriptors end with the process. */
function closeQuietly(close: () => void): void {
  try {
    close();
  } catch {
    // As said.
  }
}

/** Begins a new file where the one that is there turns out to be damaged. */
function openOrBegin(files: SpoolFiles, maxBytes: number, tell: StoreOptions['tell']): Database {
  try {
    return openDatabase(files, maxBytes);
  } catch (error) {
    if (!(error instanceof SetAsideError)) throw error;
    tell({ kind: 'set-aside', files: error.files, why: error.message });
    return openDatabase(files, maxBytes);
  }
}
