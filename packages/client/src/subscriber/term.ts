import type { KafkaRecord, RecordPosition, TopicPartition } from '@whatsapp-stream/kafka';
import type { Partition } from './partition.ts';
import { within } from './patience.ts';

/** What one member has in one epoch. */
export interface Term {
  readonly epoch: number;
  readonly partitions: readonly TopicPartition[];
  take(records: readonly KafkaRecord[]): void;
  /** No event is begun any more. Resolves when the handlers under way have ended, or `waitMs` are over. */
  halt(waitMs: number): Promise<void>;
  /** The handler of a partition that is under way has ended; at once where there is none. */
  ended(partition: number): Promise<void>;
  /** The offset to commit of a partition, committed or not; undefined of one that this term does not have. */
  position(partition: number): number | undefined;
  /** The positions that have changed since the commit that was noted last. */
  due(): readonly RecordPosition[];
  committed(positions: readonly RecordPosition[]): void;
  unacknowledged(): number;
  /** It is over: what is acknowledged from now on is not committed. */
  end(): void;
}

export interface AssignedWork extends TopicPartition {
  readonly startsAt: number;
  readonly work: Partition;
}

/** @param halting called when it is halted; @param ending called when it is over */
export function createTerm(
  epoch: number,
  assigned: readonly AssignedWork[],
  { halting, ending }: { readonly halting: () => void; readonly ending: () => void },
): Term {
  const works = new Map(assigned.map((one) => [one.partition, one]));
  const committed = new Map(assigned.map(({ partition, startsAt }) => [partition, startsAt]));
  const all = [...works.values()];
  return {
    epoch,
    partitions: assigned.map(({ topic, partition }) => ({ topic, partition })),
    take(records) {
      const [first] = records;
      if (first) works.get(first.partition)?.work.take(records);
    },
    async halt(waitMs) {
      halting();
      await within(waitMs, Promise.all(all.map(({ work }) => work.halt())));
    },
    ended: async (partition) => works.get(partition)?.work.halt(),
    position: (partition) => works.get(partition)?.work.position(),
    due: () =>
      all
        .map(({ topic, partition, work }) => ({ topic, partition, offset: work.position() }))
        .filter(({ partition, offset }) => committed.get(partition) !== offset),
    committed(positions) {
      for (const { partition, offset } of positions) committed.set(partition, offset);
    },
    unacknowledged: () => all.reduce((sum, { work }) => sum + work.unacknowledged(), 0),
    end: ending,
  };
}
