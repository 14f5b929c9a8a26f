import { DatabaseSync } from 'node:sqlite';
import { createOperations, type Database, PAGE_BYTES } from './database.ts';
import { DamagedError, faultOf, isBusy, NotOursError } from './fault.ts';
import { makeFile, type SpoolFiles } from './files.ts';
import { numberOf, transaction } from './sqlite.ts';

const VERSION = 1;
/** "WhS" and the version. The version stands twice in the header, so that a damaged one is not taken for a newer one. */
const APPLICATION = 0x57685300;

const TABLES = `
  CREATE TABLE callbacks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, text TEXT NOT NULL
  ) STRICT;
  CREATE TABLE unreadable (
    seq INTEGER PRIMARY KEY, event_id ANY, text ANY, found_at TEXT NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION + VERSION};
  PRAGMA user_version = ${VERSION};`;

/**
 * Opens the file, or makes one, and checks it.
 * @throws DamagedError, NotOursError, or what SQLite says
 */
export function openDatabase(files: SpoolFiles, maxBytes: number): Database {
  makeFile(files.database);
  const db = new DatabaseSync(files.database);
  try {
    setUp(db, maxBytes);
    return createOperations(db, files, maxBytes);
  } catch (error) {
    const isDamaged = faultOf(error).kind === 'damaged';
    // Renamed before it is closed, so that closing does not write the log into the damaged file and delete it.
    const names = isDamaged ? files.setAside() : [];
    db.close();
    if (isBusy(error)) throw new NotOursError('spool.db is in use by another process', { cause: error });
    throw isDamaged ? new SetAsideError(names, error) : error;
  }
}

/** The file was damaged and has another name now; a new one can be begun. */
export class SetAsideError extends Error {
  readonly files: readonly string[];

  constructor(files: readonly string[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.files = files;
  }
}

function setUp(db: DatabaseSync, maxBytes: number): void {
  db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA secure_delete = ON; PRAGMA cache_size = -16384`);
  const version = numberOf(db, 'PRAGMA user_version');
  const application = numberOf(db, 'PRAGMA application_id');
  const isEmpty = numberOf(db, 'SELECT count(*) FROM sqlite_schema') === 0 && version === 0;
  if (version > VERSION && application === APPLICATION + version) {
    throw new NotOursError(
      `spool.db is of version ${version}, this is version ${VERSION}: it is left as it is`,
    );
  }
  if (isEmpty) db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
  db.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)}`);
  if (isEmpty) {
    transaction(db, () => db.exec(TABLES));
    return;
  }
  if (version !== VERSION || application !== APPLICATION + VERSION) {
    throw new DamagedError('spool.db does not say that it is a spool');
  }
  const checked = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (checked !== 'ok') throw new DamagedError('spool.db does not pass the check of SQLite');
}
