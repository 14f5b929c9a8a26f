import type { AssignedPartition, TopicPartition } from '@whatsapp-stream/kafka';

/** The next offset after the last record of each partition, by topic, as Kafka tells it. */
export type Ends = ReadonlyMap<string, ReadonlyMap<number, number>>;

/**
 * How far each partition has come in, held against what Kafka has. A consumer can be a member of its group in good
 * standing and yet fetch nothing any more.
 */
export interface Arrivals {
  /** An epoch begins: these partitions are read from where they start, and are paused. */
  begin(assigned: readonly AssignedPartition[]): void;
  /** The epoch is over: nothing is expected to come in. */
  end(): void;
  /** Records, or a gap, reached up to the offset before `next`. */
  reached(partition: TopicPartition, next: number): void;
  paused(partition: TopicPartition): void;
  resumed(partition: TopicPartition): void;
  /**
   * To be called once a minute.
   * @param ends asked of Kafka just before; what it did not tell is not held against anybody
   * @returns partitions of which nothing has come in for some minutes although there is something
   */
  look(ends: Ends): readonly Blocked[];
}

export interface Blocked extends TopicPartition {
  /** The first record that does not come in. */
  readonly next: number;
  readonly end: number;
}

interface Arriving extends TopicPartition {
  next: number;
  paused: boolean;
  /** What `next` was at the last look, and at how many looks in a row there was more of which nothing had come. */
  seen: number;
  looksInVain: number;
}

/** The first look in vain only shows that there is something; then it has this many minutes, less one, to come. */
const LOOKS_IN_VAIN = 6;

export function createArrivals(): Arrivals {
  const partitions = new Map<string, Arriving>();
  const find = ({ topic, partition }: TopicPartition) => partitions.get(`${topic}/${partition}`);

  function setPaused(of: TopicPartition, paused: boolean): void {
    const one = find(of);
    if (!one) return;
    one.paused = paused;
    one.looksInVain = 0;
  }

  return {
    begin(assigned) {
      partitions.clear();
      for (const { topic, partition, startsAt } of assigned) {
        const one = { topic, partition, next: startsAt, paused: true, seen: startsAt, looksInVain: 0 };
        partitions.set(`${topic}/${partition}`, one);
      }
    },
    end: () => partitions.clear(),
    reached(of, next) {
      const one = find(of);
      if (one) one.next = next;
    },
    paused: (of) => setPaused(of, true),
    resumed: (of) => setPaused(of, false),
    look(ends) {
      const blocked: Blocked[] = [];
      for (const one of partitions.values()) {
        const { topic, partition, next } = one;
        const end = ends.get(topic)?.get(partition) ?? 0;
        const inVain = !one.paused && end > next;
        one.looksInVain = inVain ? (next === one.seen ? one.looksInVain + 1 : 1) : 0;
        one.seen = next;
        if (one.looksInVain >= LOOKS_IN_VAIN) blocked.push({ topic, partition, next, end });
      }
      return blocked;
    },
  };
}
