/**
 * What is known of one partition's records: which were received and which are done. Records finish out of
 * order; what may be committed is the *low-water mark*, the offset below which all are done. Only offsets
 * that were really received count: a compacted or aborted offset holds nothing up.
 */
export interface PartitionTracker<Note> {
  /** A record has come. Offsets must rise. */
  received(offset: number): Tracked<Note>;
  /** The offset to commit: the first record that is not done, or the one after the last that came. */
  lowWaterMark(): number;
  /** Of the notes of each kind, of records at or above the mark, done or not, the one that was made first. */
  firstNotes(): readonly Note[];
  /** The highest record with a note of the kind, at or above the mark, done or not; -1 for none. */
  lastNoted(kind: NoteKind): number;
  /** Records that came and are not done. */
  unfinished(): number;
  /** Records at or above the mark, done or not: what the tracker holds in memory. */
  held(): number;
}

/** `written`: something was written of the record. `known`: it was passed over, for what was written of another one. */
export type NoteKind = 'written' | 'known';

/** A record that came. */
export interface Tracked<Note> {
  /** Makes the record's note of a kind, unless it has one: what must be remembered until everything below it is done. */
  note(kind: NoteKind, note: Note): void;
  /** The record needs nothing more. */
  done(): void;
}

interface Entry {
  readonly offset: number;
  done: boolean;
}

/** Done entries are cut off the front in chunks of this size, so that each costs constant time. */
const CUT_EVERY = 512;

/** @param startsAt the offset of the first record that will come, or below it */
export function createTracker<Note>(startsAt: number): PartitionTracker<Note> {
  let entries: Entry[] = [];
  let first = 0;
  const notes = { written: createNotes<Note>(), known: createNotes<Note>() };
  let next = startsAt;
  let unfinished = 0;

  const lowWaterMark = () => entries[first]?.offset ?? next;

  function skipDone(): void {
    while (entries[first]?.done) first += 1;
    if (first >= CUT_EVERY) {
      entries = entries.slice(first);
      first = 0;
    }
  }

  return {
    received(offset) {
      if (offset < next) throw new Error(`offset ${offset} came after ${next - 1}`);
      const entry = { offset, done: false };
      const noted = new Set<NoteKind>();
      entries.push(entry);
      next = offset + 1;
      unfinished += 1;
      return {
        note(kind, note) {
          if (!noted.has(kind)) notes[kind].add(offset, note);
          noted.add(kind);
        },
        done() {
          if (entry.done) return;
          entry.done = true;
          unfinished -= 1;
          skipDone();
        },
      };
    },
    lowWaterMark,
    firstNotes() {
      const mark = lowWaterMark();
      return [notes.written.first(mark), notes.known.first(mark)].filter((note) => note !== undefined);
    },
    lastNoted: (kind) => (notes[kind].last() >= lowWaterMark() ? notes[kind].last() : -1),
    unfinished: () => unfinished,
    held: () => entries.length - first,
  };
}

/** Notes in the order of making. */
function createNotes<Note>() {
  let notes: { readonly offset: number; readonly note: Note }[] = [];
  let last = -1;
  return {
    add(offset: number, note: Note): void {
      notes.push({ offset, note });
      last = Math.max(last, offset);
    },
    /** The highest offset that ever had one; -1 for none. */
    last: () => last,
    /** The first one of a record at or above `mark`; those before it are dropped. */
    first(mark: number): Note | undefined {
      const kept = notes.findIndex(({ offset }) => offset >= mark);
      notes = kept < 0 ? [] : notes.slice(kept);
      return notes[0]?.note;
    },
  };
}
