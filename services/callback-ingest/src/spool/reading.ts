import type { Database } from './database.ts';
import { faultOf } from './fault.ts';
import type { Gone } from './gone.ts';
import { arrivalOf } from './row.ts';
import type { Spooled } from './spool.ts';
import type { Notice } from './store.ts';

/** Passes over what is gone, and moves aside what cannot be read, or passes over it where that is not possible. */
export function readOldest(
  db: Database,
  gone: Gone,
  limit: number,
  tell: (notice: Notice) => void,
): readonly Spooled[] {
  let isPrefixGone = true;
  for (let after = gone.upToSeq(); ; ) {
    const rows = db.page(after, limit);
    const last = rows.at(-1);
    if (!last) return [];
    after = last.seq;
    const found: Spooled[] = [];
    const unreadable: number[] = [];
    for (const row of rows) {
      const isGone = gone.has(row.seq);
      if (isGone && isPrefixGone) gone.isOldest(row.seq);
      isPrefixGone &&= isGone;
      if (isGone) continue;
      const arrival = arrivalOf(row);
      if (arrival) found.push({ ...arrival, seq: row.seq });
      else unreadable.push(row.seq);
    }
    if (unreadable.length > 0) putAside(db, unreadable, tell);
    if (found.length > 0) return found;
  }
}

function putAside(db: Database, seqs: readonly number[], tell: (notice: Notice) => void): void {
  try {
    db.putAside(seqs);
    tell({ kind: 'unreadable', rows: seqs.length });
  } catch (error) {
    if (faultOf(error).kind !== 'full') throw error;
  }
}
