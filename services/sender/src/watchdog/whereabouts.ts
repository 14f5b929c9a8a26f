import type { KafkaRecord } from '@whatsapp-stream/kafka';

/**
 * Where a record can be on its way. `turn` and `slot` are the gates, `write` waits for Kafka to acknowledge,
 * `hear` until the status log has been read or the group's coordinator has answered, `failed` met a fault of ours and holds the low-water mark.
 */
export const STAGES = [
  'decode',
  'turn',
  'write',
  'slot',
  'call',
  'pause',
  'doubt',
  'hear',
  'failed',
] as const;
export type Stage = (typeof STAGES)[number];

/** What tells where one record is. */
export interface Place {
  /**
   * The record has come to `stage`.
   * @param until monotonic ms: before it, to be there is no delay. For `pause` and `doubt`
   */
  at(stage: Stage, until?: number): void;
  /** The record is out of memory. */
  leave(): void;
}

/** A record in memory. */
export interface Resident extends Pick<KafkaRecord, 'topic' | 'partition' | 'offset'> {
  readonly stage: Stage;
  /** Monotonic ms. */
  readonly until: number;
  /** For how long it has had no excuse to be where it is, in ms in which this process ran. */
  readonly lateMs: number;
}

/** All records in memory, and where each one is. */
export interface Whereabouts {
  /** A record has come in; it is at `decode`. */
  enter(record: Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>): Place;
  /** In the order in which they came. */
  all(): Iterable<Resident>;
  /** How often a record has come to `call` so far. */
  calls(): number;
  /** `ms` have passed: they are added to what each one is late by; who is excused starts over. */
  pass(ms: number, isExcused: (resident: Resident) => boolean): void;
}

export function createWhereabouts(): Whereabouts {
  const residents = new Set<{ -readonly [Field in keyof Resident]: Resident[Field] }>();
  let calls = 0;
  return {
    enter({ topic, partition, offset }) {
      const resident = { topic, partition, offset, stage: 'decode' as Stage, until: 0, lateMs: 0 };
      residents.add(resident);
      return {
        at(stage, until = 0) {
          resident.stage = stage;
          resident.until = until;
          resident.lateMs = 0;
          if (stage === 'call') calls += 1;
        },
        leave: () => void residents.delete(resident),
      };
    },
    all: () => residents,
    calls: () => calls,
    pass(ms, isExcused) {
      for (const resident of residents) resident.lateMs = isExcused(resident) ? 0 : resident.lateMs + ms;
    },
  };
}
