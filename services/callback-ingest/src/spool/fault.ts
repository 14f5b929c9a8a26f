/** Why the spool could not do what it was asked for. `damaged` speaks of the file, `broken` of what is around it. */
export type Fault =
  | { readonly kind: 'full' }
  | { readonly kind: 'damaged'; readonly why: string }
  | { readonly kind: 'broken'; readonly why: string };

/** The file is not what SQLite, or we, can work with. */
export class DamagedError extends Error {}

/** It is not for us: another process holds it, or it is of a newer version. The message is for people. */
export class NotOursError extends Error {}

/** https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** Texts of SQLite and of the file system name files and rules, never what is in a row. */
export function faultOf(error: unknown): Fault {
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof DamagedError) return { kind: 'damaged', why };
  switch (sqliteCodeOf(error)) {
    case SQLITE_FULL:
      return { kind: 'full' };
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return { kind: 'damaged', why };
    default:
      return isNoSpace(error) ? { kind: 'full' } : { kind: 'broken', why };
  }
}

export function isBusy(error: unknown): boolean {
  return sqliteCodeOf(error) === SQLITE_BUSY;
}

function sqliteCodeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  // The low byte; what is above it tells more of the same.
  return error.errcode & 0xff;
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
