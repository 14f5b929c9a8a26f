/**
 * The next offset of each partition, kept by us because kafkajs can lose it: a fetch that was under way when
 * the group was joined anew is handled after the join and moves the position past records that were never
 * delivered, and an offset out of range silently jumps to the default. So each batch must start where the
 * last one ended. One that does not is dropped and its partition sought again; if the jump happens a second
 * time it is real (deleted by retention, or control records that are never delivered).
 */
export interface Positions {
  /** Reading of the partition starts over at `offset`. */
  startAt(key: string, offset: number): void;
  /** What to do with a batch that was fetched at `fetchedOffset`. */
  judge(key: string, fetchedOffset: number): Judgement;
  /** The batch was taken; the next one starts at `next`. */
  advance(key: string, next: number): void;
  next(key: string): number | undefined;
  clear(): void;
}

export type Judgement =
  | { readonly kind: 'take' }
  | { readonly kind: 'take-after-gap'; readonly from: number }
  | { readonly kind: 'seek'; readonly offset: number }
  | { readonly kind: 'drop' };

export function createPositions(): Positions {
  const expected = new Map<string, number>();
  const soughtAgain = new Map<string, number>();
  return {
    startAt(key, offset) {
      expected.set(key, offset);
      soughtAgain.delete(key);
    },
    judge(key, fetchedOffset) {
      const next = expected.get(key);
      if (next === undefined) return { kind: 'drop' };
      if (fetchedOffset === next) return { kind: 'take' };
      if (fetchedOffset > next && soughtAgain.get(key) === next)
        return { kind: 'take-after-gap', from: next };
      soughtAgain.set(key, next);
      return { kind: 'seek', offset: next };
    },
    advance(key, next) {
      expected.set(key, next);
      soughtAgain.delete(key);
    },
    next: (key) => expected.get(key),
    clear() {
      expected.clear();
      soughtAgain.clear();
    },
  };
}
