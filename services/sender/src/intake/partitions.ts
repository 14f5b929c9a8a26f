import type { AssignedPartition, KafkaRecord, OffsetCommit, TopicPartition } from '@whatsapp-stream/kafka';
import { encodeLogPositions, isAtOrBefore, type LogPositions, lowestOf } from '../ledger/log-positions.ts';
import { createTracker, type PartitionTracker } from './tracker.ts';

/** The partitions of a term: what came, what is done, what may be committed, and when one must wait. */
export interface Partitions {
  /**
   * Takes note of records.
   * @returns for each record what to call
   */
  received(records: readonly KafkaRecord[]): readonly Underway[];
  /**
   * What has changed since it was asked last; the first time all partitions, so that each has its metadata.
   * @param refresh those too whose offset stands still, so that their metadata reaches back no further than it must
   */
  commits(positions: LogPositions, refresh: boolean): readonly OffsetCommit[];
  /** These commits did not succeed: they are due again. */
  notCommitted(commits: readonly OffsetCommit[]): void;
  /** Pauses and resumes what is to be; the first time all that may flow begin to. To be called when a lane opens or closes. */
  regulate(): void;
  /** How far back the log must be read for what is committed; null while that is not known of every partition. */
  committedReach(): LogPositions | null;
}

/** A record that is on its way. */
export interface Underway {
  /**
   * Something is about to be written of it for the first time: the log must be read from here on. A record of which
   * nothing was ever written, as one that waits in a closed lane, needs nothing of the log.
   */
  writing(): void;
  /** It is passed over, for what the log says of another record of the same message: that must be read again, too. */
  known(): void;
  done(): void;
}

export interface PartitionsOptions {
  readonly assigned: readonly AssignedPartition[];
  /** How far back the log must be read for records of a partition that earlier terms may have attempted. */
  readonly reachOf: (partition: TopicPartition) => LogPositions;
  /** The highest offset of a partition that was attempted before this term, as the log says; -1 for none. */
  readonly highestAttempted: (partition: TopicPartition) => number;
  /** The highest offset that was passed over before this term, as the commit says; -1 for none. */
  readonly passedOverTo: (partition: TopicPartition) => number;
  /** Where the fold of the status log stands. */
  readonly positions: () => LogPositions;
  /** From where on all that the log says is remembered. */
  readonly rememberedFrom: () => LogPositions;
  readonly pause: (partition: TopicPartition) => void;
  readonly resume: (partition: TopicPartition) => unknown;
  readonly bounds: IntakeBounds;
  /** Whether anything of the topic may be sent: what may not is not fetched. */
  readonly isOpen: (topic: string) => boolean;
}

/** Per partition. At a bound it is full and paused, and resumed at half of it. */
export interface IntakeBounds {
  /** Records that are not done: they are held with their content. */
  readonly maxUnfinished: number;
  /** Records from the low-water mark on, done or not: one that waits long must not hold up thousands. */
  readonly maxHeld: number;
}

interface Partition extends TopicPartition {
  readonly tracker: PartitionTracker<LogPositions>;
  full: boolean;
  paused: boolean;
  committed: ReachingCommit | undefined;
}

interface ReachingCommit extends OffsetCommit {
  readonly reach: LogPositions;
  readonly passedOverTo: number;
}

export function createPartitions(options: PartitionsOptions): Partitions {
  const { assigned, reachOf, highestAttempted, pause, resume, bounds, isOpen } = options;
  const partitions = new Map<string, Partition>(
    assigned.map(({ topic, partition, startsAt }) => [
      `${topic}/${partition}`,
      {
        topic,
        partition,
        tracker: createTracker<LogPositions>(startsAt),
        full: false,
        // Kafka gives them so.
        paused: true,
        committed: undefined,
      },
    ]),
  );

  function regulate(one: Partition): void {
    const { tracker } = one;
    const atBound = tracker.unfinished() >= bounds.maxUnfinished || tracker.held() >= bounds.maxHeld;
    const roomy = tracker.unfinished() <= bounds.maxUnfinished / 2 && tracker.held() <= bounds.maxHeld / 2;
    if (atBound) one.full = true;
    else if (roomy) one.full = false;
    const paused = one.full || !isOpen(one.topic);
    if (paused === one.paused) return;
    one.paused = paused;
    if (paused) pause(one);
    else resume(one);
  }

  function commitOf({ topic, partition, tracker }: Partition, positions: LogPositions): ReachingCommit {
    const of = { topic, partition };
    const offset = tracker.lowWaterMark();
    const before = options.passedOverTo(of);
    // Below what earlier terms attempted or passed over, they needed more of the log than anything of ours does.
    const inherited = offset <= Math.max(highestAttempted(of), before);
    const reach = lowestOf([inherited ? reachOf(of) : positions, ...tracker.firstNotes()]);
    const passedOverTo = Math.max(tracker.lastNoted('known'), before >= offset ? before : -1);
    return { ...of, offset, metadata: encodeLogPositions(reach, passedOverTo), reach, passedOverTo };
  }

  return {
    received(records) {
      const [first] = records;
      const one = first && partitions.get(`${first.topic}/${first.partition}`);
      if (!one) return [];
      const underway = records.map(({ offset }): Underway => {
        const tracked = one.tracker.received(offset);
        return {
          writing: () => tracked.note('written', options.positions()),
          known: () => tracked.note('known', options.rememberedFrom()),
          done() {
            tracked.done();
            regulate(one);
          },
        };
      });
      regulate(one);
      return underway;
    },
    commits(positions, refresh) {
      const due: OffsetCommit[] = [];
      for (const one of partitions.values()) {
        const commit = commitOf(one, positions);
        if (one.committed && isCoveredBy(one.committed, commit, refresh)) continue;
        one.committed = commit;
        due.push({
          topic: one.topic,
          partition: one.partition,
          offset: commit.offset,
          metadata: commit.metadata,
        });
      }
      return due;
    },
    notCommitted(commits) {
      for (const { topic, partition } of commits) {
        const one = partitions.get(`${topic}/${partition}`);
        if (one) one.committed = undefined;
      }
    },
    regulate() {
      for (const one of partitions.values()) regulate(one);
    },
    committedReach() {
      const reaches = [...partitions.values()].map(({ committed }) => committed?.reach);
      return reaches.includes(undefined) ? null : lowestOf(reaches.filter((reach) => reach !== undefined));
    },
  };
}

/** @param exactly not only what the new commit says for more, but all that it says */
function isCoveredBy(last: ReachingCommit, next: ReachingCommit, exactly: boolean): boolean {
  if (last.offset !== next.offset) return false;
  if (exactly) return last.metadata === next.metadata;
  return isAtOrBefore(last.reach, next.reach) && last.passedOverTo >= next.passedOverTo;
}
