/**
 * Rows that Kafka has but that cannot be deleted: on a full disk a deletion needs room, too. As rows go in the order
 * of their places, most are told by one number.
 */
export interface Gone {
  /** Every row up to here is gone. */
  upToSeq(): number;
  /** Those above. */
  others(): readonly number[];
  has(seq: number): boolean;
  add(seqs: readonly number[]): void;
  /** Says that `seq`, which is gone, is the oldest row above `upToSeq`. */
  isOldest(seq: number): void;
  count(): number;
  clear(): void;
}

export function createGone(): Gone {
  const others = new Set<number>();
  let upTo = 0;
  let below = 0;
  return {
    upToSeq: () => upTo,
    others: () => [...others],
    has: (seq) => seq <= upTo || others.has(seq),
    add(seqs) {
      for (const seq of seqs) if (seq > upTo) others.add(seq);
    },
    isOldest(seq) {
      if (!others.delete(seq)) return;
      upTo = seq;
      below += 1;
    },
    count: () => below + others.size,
    clear() {
      others.clear();
      upTo = 0;
      below = 0;
    },
  };
}
