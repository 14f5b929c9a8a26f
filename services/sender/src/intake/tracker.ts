/**
 * What is known of one partition's records: which were received and which are done. Records finish out of
 * order; what may be committed is the *low-water mark*, the offset below which all are done. Only offsets
 * that were really received count: a compacted or aborted offset holds nothing up.
 */
export interface PartitionTracker<Note> {
  /**
   * A record has come. Offsets must rise.
   * @param note what is to be remembered with it until everything below it is done
   * @returns to be called once, when the record needs nothing more
   */
  received(offset: number, note: Note): () => void;
  /** The offset to commit: the first record that is not done, or the one after the last that came. */
  lowWaterMark(): number;
  /** The note of the first record that is not done; undefined where all are done. */
  noteAtMark(): Note | undefined;
  /** Records that came and are not done. */
  unfinished(): number;
  /** Records at or above the mark, done or not: what the tracker holds in memory. */
  held(): number;
}

interface Entry<Note> {
  readonly offset: number;
  readonly note: Note;
  done: boolean;
}

/** Done entries are cut off the front in chunks of this size, so that each costs constant time. */
const CUT_EVERY = 512;

/** @param startsAt the offset of the first record that will come, or below it */
export function createTracker<Note>(startsAt: number): PartitionTracker<Note> {
  let entries: Entry<Note>[] = [];
  let first = 0;
  let next = startsAt;
  let unfinished = 0;

  function skipDone(): void {
    while (entries[first]?.done) first += 1;
    if (first >= CUT_EVERY) {
      entries = entries.slice(first);
      first = 0;
    }
  }

  return {
    received(offset, note) {
      if (offset < next) throw new Error(`offset ${offset} came after ${next - 1}`);
      const entry = { offset, note, done: false };
      entries.push(entry);
      next = offset + 1;
      unfinished += 1;
      return () => {
        if (entry.done) return;
        entry.done = true;
        unfinished -= 1;
        skipDone();
      };
    },
    lowWaterMark: () => entries[first]?.offset ?? next,
    noteAtMark: () => entries[first]?.note,
    unfinished: () => unfinished,
    held: () => entries.length - first,
  };
}
