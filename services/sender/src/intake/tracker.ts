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
  /** Of the notes of records at or above the mark, done or not, the one that was made first. */
  firstNote(): Note | undefined;
  /** Records that came and are not done. */
  unfinished(): number;
  /** Records at or above the mark, done or not: what the tracker holds in memory. */
  held(): number;
}

/** A record that came. */
export interface Tracked<Note> {
  /** Makes the record's note, unless it has one: what must be remembered until everything below it is done. */
  note(note: Note): void;
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
  /** In the order of making. */
  let notes: { readonly offset: number; readonly note: Note }[] = [];
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
      let noted = false;
      entries.push(entry);
      next = offset + 1;
      unfinished += 1;
      return {
        note(note) {
          if (noted) return;
          noted = true;
          notes.push({ offset, note });
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
    firstNote() {
      const mark = lowWaterMark();
      const kept = notes.findIndex(({ offset }) => offset >= mark);
      notes = kept < 0 ? [] : notes.slice(kept);
      return notes[0]?.note;
    },
    unfinished: () => unfinished,
    held: () => entries.length - first,
  };
}
