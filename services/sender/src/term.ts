import type { AssignedPartition, KafkaRecord, OffsetCommit, TopicPartition } from '@whatsapp-stream/kafka';
import type { Clock, Logger } from '@whatsapp-stream/service-kit';
import { createPartitions, type IntakeBounds, type Partitions, type Underway } from './intake/partitions.ts';
import { type Ending, journey, type Rooms } from './journey.ts';
import type { LogPositions } from './ledger/log-positions.ts';
import type { Recovered, StatusLog } from './ledger/status-log.ts';
import type { Message } from './message.ts';
import type { Gates } from './pacing/gates.ts';
import type { Place } from './watchdog/whereabouts.ts';

/**
 * The time in which this process is the active sender: one epoch of the group. It begins by reading the status
 * log to its end, and ends for good when the epoch does; then nothing is started or committed any more, and
 * what is under way comes to its end.
 */
export interface Term {
  received(records: readonly KafkaRecord[]): void;
  /** A lane has been opened or closed, or the circuit may be tried: what waits is looked at again. */
  lookAgain(): void;
  /**
   * Starts nothing from this moment on, waits for what is under way, and commits if the epoch still lasts. Can
   * be called again; the term is finished once.
   */
  finish(): Promise<void>;
}

export interface TermOptions {
  readonly epoch: number;
  readonly assigned: readonly AssignedPartition[];
  /** Reads the log up to its end; null when `over` was aborted first. */
  readonly recover: (over: AbortSignal) => Promise<Recovered | null>;
  readonly statusLog: Pick<StatusLog, 'positions' | 'rememberedFrom' | 'needsFrom'>;
  /** The rooms of a record's way, for this term. */
  readonly rooms: (over: AbortSignal) => Omit<Rooms, 'claim'>;
  readonly gates: Gates;
  readonly laneOf: (topic: string) => Pick<Message, 'lane' | 'laneIndex'>;
  readonly consumer: {
    pause(partition: TopicPartition): void;
    resume(partition: TopicPartition): void;
    commit(epoch: number, commits: readonly OffsetCommit[]): Promise<boolean>;
  };
  readonly bounds: IntakeBounds;
  /** Whether anything of the topic may be sent now. */
  readonly isOpen: (topic: string) => boolean;
  /** A record has come in; where it is will be told, and when it is gone. */
  readonly enter: (record: KafkaRecord) => Place;
  /** The term could not begin. */
  readonly onFailed: (error: Error) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const COMMIT_EVERY_MS = 1_000;
const POSITIONS_HOLD_MS = 100;
/** How often partitions are committed whose offset stands still: a take-over need not read further back. */
const REFRESH_EVERY_MS = 30_000;

export function startTerm(options: TermOptions): Term {
  const { epoch, assigned, gates, consumer, statusLog, clock, log } = options;
  const over = new AbortController();
  const rooms: Rooms = { ...options.rooms(over.signal), claim: claims() };
  const idle = countdown();
  let partitions: Partitions | undefined;
  let finished: Promise<void> | undefined;
  let cancelCommit = () => {};
  let refreshedAt = clock.monotonic();

  async function run(record: KafkaRecord, underway: Underway): Promise<void> {
    idle.enter();
    const place = noting(options.enter(record), underway);
    try {
      const ending: Ending = await journey(record, options.laneOf(record.topic), place, rooms);
      if (ending === 'done') underway.done();
      place.leave();
    } catch (error) {
      // A fault of ours. The record is not done: it holds the low-water mark, and comes again after a restart.
      const { topic, partition, offset } = record;
      log.error({ err: error, topic, partition, offset }, 'a record could not be dealt with');
      place.at('failed');
      whenAborted(over.signal, place.leave);
    } finally {
      idle.leave();
    }
  }

  async function begin(): Promise<void> {
    const recovered = await options.recover(over.signal);
    if (!recovered) return;
    partitions = createPartitions({
      assigned,
      ...recovered,
      positions: recent(statusLog.positions, clock),
      rememberedFrom: statusLog.rememberedFrom,
      pause: consumer.pause,
      // What ends late in a term that is over must not touch the partitions of the next one.
      resume: (partition) => over.signal.aborted || consumer.resume(partition),
      bounds: options.bounds,
      isOpen: options.isOpen,
    });
    if (over.signal.aborted) return;
    partitions.regulate();
    commitSoon();
  }

  function commitSoon(): void {
    cancelCommit = clock.after(COMMIT_EVERY_MS, async () => {
      await commit();
      if (!over.signal.aborted) commitSoon();
    });
  }

  async function commit(): Promise<void> {
    if (!partitions) return;
    const refresh = clock.monotonic() - refreshedAt >= REFRESH_EVERY_MS;
    if (refresh) refreshedAt = clock.monotonic();
    const commits = partitions.commits(statusLog.positions(), refresh);
    if (commits.length > 0 && !(await consumer.commit(epoch, commits))) partitions.notCommitted(commits);
    const reach = partitions.committedReach();
    if (reach && !over.signal.aborted) statusLog.needsFrom(reach);
  }

  async function finish(): Promise<void> {
    over.abort();
    cancelCommit();
    gates.close();
    await begun;
    await idle.zero();
    await commit();
  }

  const begun = begin().catch(options.onFailed);
  return {
    received(records) {
      if (!partitions || over.signal.aborted) return;
      for (const [i, underway] of partitions.received(records).entries()) {
        const record = records[i];
        if (record) void run(record, underway);
      }
    },
    lookAgain() {
      gates.changed();
      if (!over.signal.aborted) partitions?.regulate();
    },
    finish() {
      finished ??= finish();
      return finished;
    },
  };
}

/** Earlier positions are as true as the present ones, only lower; and hundreds of records can share them. */
function recent(positions: () => LogPositions, clock: Pick<Clock, 'monotonic'>): () => LogPositions {
  let seen = positions();
  let seenAt = clock.monotonic();
  return () => {
    if (clock.monotonic() - seenAt >= POSITIONS_HOLD_MS) {
      seen = positions();
      seenAt = clock.monotonic();
    }
    return seen;
  };
}

/** Whatever is written of a record, its way leads through `write`. */
function noting(place: Place, { writing, known }: Underway): Place & Message['place'] {
  return {
    ...place,
    at(stage, until) {
      if (stage === 'write') writing();
      place.at(stage, until);
    },
    known,
  };
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}

/** One record of a unit is on its way at a time. */
function claims(): Rooms['claim'] {
  const held = new Set<string>();
  return ({ unit }) => {
    if (held.has(unit)) return null;
    held.add(unit);
    return { [Symbol.dispose]: () => held.delete(unit) };
  };
}

/** Counts who is inside, and tells when nobody is. */
function countdown() {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return {
    enter: () => {
      inside += 1;
    },
    leave: () => {
      inside -= 1;
      if (inside === 0) for (const resolve of waiting.splice(0)) resolve();
    },
    zero: () => (inside === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve))),
  };
}
