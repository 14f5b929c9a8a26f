/**
 * What waits in one lane, in fairness between its sources: they take turns while they have items, however many
 * each has. Adding and taking cost the same whatever waits; a source without items costs nothing.
 */
export interface FairQueue<T> {
  readonly size: number;
  /** Joins the items of its source, as the last of them. */
  push(source: string, item: T): void;
  /** Goes before all sources' items, behind those that were pushed so before: for what is tried again. */
  pushFirst(item: T): void;
  /** Takes the next item; undefined when there is none. It is nobody's turn for what was pushed first. */
  shift(): T | undefined;
  /** Takes out all items of which `matches` is true; those that stay keep their order, sources their turns. */
  removeWhere(matches: (item: T) => boolean): T[];
}

interface Turn<T> {
  readonly source: string;
  readonly items: Fifo<T>;
}

export function createFairQueue<T>(): FairQueue<T> {
  const first = createFifo<T>();
  const bySource = new Map<string, Fifo<T>>();
  /** Every source that has items, once; the next one to be served first. */
  const turns = createFifo<Turn<T>>();
  let size = 0;

  function takeInTurn(): T | undefined {
    const turn = turns.shift();
    if (!turn) return undefined;
    const item = turn.items.shift();
    if (turn.items.isEmpty()) bySource.delete(turn.source);
    else turns.push(turn);
    return item;
  }

  return {
    get size() {
      return size;
    },
    push(source, item) {
      size += 1;
      let items = bySource.get(source);
      if (!items) {
        items = createFifo();
        bySource.set(source, items);
        turns.push({ source, items });
      }
      items.push(item);
    },
    pushFirst(item) {
      size += 1;
      first.push(item);
    },
    shift() {
      if (size === 0) return undefined;
      size -= 1;
      return first.isEmpty() ? takeInTurn() : first.shift();
    },
    removeWhere(matches) {
      const removed = [first, ...bySource.values()].flatMap((items) => items.removeWhere(matches));
      for (const { source } of turns.removeWhere(({ items }) => items.isEmpty())) bySource.delete(source);
      size -= removed.length;
      return removed;
    },
  };
}

interface Fifo<T> {
  isEmpty(): boolean;
  push(item: T): void;
  shift(): T | undefined;
  removeWhere(matches: (item: T) => boolean): T[];
}

interface Link<T> {
  readonly item: T;
  next: Link<T> | undefined;
}

/** A linked list: an array's `shift` moves all that follows, and a head index keeps what was taken alive. */
function createFifo<T>(): Fifo<T> {
  let head: Link<T> | undefined;
  let tail: Link<T> | undefined;

  function push(item: T): void {
    const link: Link<T> = { item, next: undefined };
    if (tail) tail.next = link;
    else head = link;
    tail = link;
  }

  return {
    isEmpty: () => head === undefined,
    push,
    shift() {
      const taken = head;
      head = taken?.next;
      if (!head) tail = undefined;
      return taken?.item;
    },
    removeWhere(matches) {
      const removed: T[] = [];
      let link = head;
      head = undefined;
      tail = undefined;
      for (; link; link = link.next) {
        if (matches(link.item)) removed.push(link.item);
        else push(link.item);
      }
      return removed;
    },
  };
}
