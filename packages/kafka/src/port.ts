/**
 * What the project needs of Kafka, in its own words. Only this package imports a Kafka client; the tests in
 * `test/contracts/kafka` say what an adapter must do, so that another client could take its place.
 *
 * Offsets are numbers: 2^53 records in one partition are out of reach.
 */

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export type Headers = Readonly<Record<string, string | undefined>>;

/** A record as it was read. */
export interface KafkaRecord extends TopicPartition {
  readonly offset: number;
  /** ms since the epoch, as the topic's timestamp type has it. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Values as UTF-8 text; of a repeated header the last. */
  readonly headers: Headers;
}

/** A record to be written. */
export interface NewRecord {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: Headers;
}

export interface RecordPosition extends TopicPartition {
  readonly offset: number;
}

export interface Producer {
  /**
   * Writes with acks=all, partitioned by murmur2 of the key as Java's default partitioner does it. What is
   * tried again after a lost or partial answer can be in the log twice. Records whose values are large together
   * are compressed: what the topic's `max.message.bytes` bounds is their size as compressed.
   * @returns where each record landed, in the order given
   * @throws KafkaWriteError when any record is not known to be written after bounded retries; some or all of
   *   them may be in the log all the same, so a caller that tries again must be content with duplicates
   */
  send(records: readonly NewRecord[]): Promise<readonly RecordPosition[]>;
  close(): Promise<void>;
}

export class KafkaWriteError extends Error {
  override readonly name = 'KafkaWriteError';
  /**
   * The broker refused it for its size. A single record is then surely not in the log, and to write it again is in
   * vain while the topic's settings stay. Of several, one or all together are too large for a partition, and
   * those of other partitions may be in the log. False also where it is not known: above its
   * `socket.request.max.bytes` a broker closes the connection without a word.
   */
  readonly tooLarge: boolean;

  constructor(message: string, options: ErrorOptions & { readonly tooLarge?: boolean } = {}) {
    super(message, options);
    this.tooLarge = options.tooLarge ?? false;
  }
}

/** No broker of those that were named answers, or it lets nobody in who comes like this. */
export class KafkaUnavailableError extends Error {
  override readonly name = 'KafkaUnavailableError';

  constructor(brokers: readonly string[], cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`no answer from ${brokers.join(', ')}: ${why}`, { cause });
  }
}

/** A committed offset: the next one to be read, and the text that was committed with it. */
export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
}

/** What a partition's reading starts from. */
export interface AssignedPartition extends TopicPartition {
  readonly committed: CommittedOffset | null;
  /** The first offset that will be delivered. */
  readonly startsAt: number;
}

export interface OffsetCommit extends TopicPartition {
  readonly offset: number;
  readonly metadata: string;
}

/**
 * Records that are gone, or were never for readers. Every offset from a partition's start on is either
 * delivered or in a gap; one of `retention` can be told a moment after the records that follow it.
 */
export interface OffsetGap extends TopicPartition {
  readonly from: number;
  readonly to: number;
  /** `retention`: records from `from` on were deleted before they were read. `filtered`: control records, and
   * what an aborted transaction or compaction left out. */
  readonly cause: 'retention' | 'filtered';
}

/**
 * What an exclusive consumer tells its owner. None of these may wait: they only take note. One that throws
 * ends the consumer, and `failed` is told with what it threw as the cause.
 * An epoch is one membership in one generation of the group; its number rises by each join.
 */
export interface ExclusiveConsumerEvents {
  /** The epoch is over, or about to be: nothing that belongs to it may be started or committed any more. */
  epochEnded(): void;
  /**
   * This member is the active one. All partitions are paused: each delivers from `startsAt` on once resumed.
   * A commit beyond the end of the log counts as none.
   */
  activated(epoch: number, partitions: readonly AssignedPartition[]): void;
  /** Another member is the active one. */
  standingBy(epoch: number): void;
  /** Consecutive records of one partition. */
  records(epoch: number, records: readonly KafkaRecord[]): void;
  gap(gap: OffsetGap): void;
  /** The consumer ended for good: it has left the group, or does so now. */
  failed(error: Error): void;
}

/** A member of a group of which exactly one member, the group's leader, reads all partitions. */
export interface ExclusiveConsumer {
  /**
   * Tries again while Kafka cannot be reached.
   * @throws when a topic does not exist, or it is stopped meanwhile
   */
  start(): Promise<void>;
  /** Nothing more of the partition is delivered once this has returned; the others go on. */
  pause(partition: TopicPartition): void;
  /** Goes on where the partition was paused. Does nothing unless this member is the active one. */
  resume(partition: TopicPartition): void;
  /**
   * Whether it is sure, at this moment, that no other member is active: the epoch lasts, and the session that the
   * coordinator last confirmed cannot have ended. False in a process that was stopped, cut off or blocked for too
   * long, until the coordinator has confirmed it again.
   */
  holdsLease(epoch: number): boolean;
  /** @returns false, with nothing committed, when `epoch` is over or the commit was refused */
  commit(epoch: number, commits: readonly OffsetCommit[]): Promise<boolean>;
  /** Leaves the group; no record is delivered any more. Commit before. */
  stop(): Promise<void>;
}

/**
 * Where a group begins to read a topic in which it has no position yet: at the oldest record, at the end, or at a time
 * (ms since the epoch). A partition that the topic gains later is read from its first record after that moment.
 */
export type SharedStart = 'beginning' | 'end' | { readonly timestampMs: number };

/**
 * What a shared consumer tells its owner. But for `ending` none may wait: they only take note. One that throws ends the
 * consumer, and `failed` is told with what it threw as the cause.
 * An epoch is one membership in one generation of the group; its number rises by each join.
 */
export interface SharedConsumerEvents {
  /**
   * The group is about to be shared anew. Waited for, for a third of a session at most: commits are still taken, and
   * what is done and not committed will be delivered again, here or elsewhere. Not called when the membership is lost.
   */
  ending(epoch: number): Promise<void>;
  /** The epoch is over: nothing that belongs to it may be committed any more. */
  epochEnded(): void;
  /**
   * What this member has in the new epoch, perhaps nothing. All partitions are paused: each delivers from `startsAt` on
   * once resumed. A member keeps as many of the partitions that it had as an even share allows.
   */
  assigned(epoch: number, partitions: readonly AssignedPartition[]): void;
  /** Consecutive records of one partition. */
  records(epoch: number, records: readonly KafkaRecord[]): void;
  gap(gap: OffsetGap): void;
  /** The consumer ended for good: it has left the group, or does so now. */
  failed(error: Error): void;
}

/** A member of an ordinary group, whose members share the partitions of the topics. */
export interface SharedConsumer {
  /** @throws when a topic does not exist, Kafka cannot be reached, or it is stopped meanwhile */
  start(): Promise<void>;
  /** Nothing more of the partition is delivered once this has returned; the others go on. */
  pause(partition: TopicPartition): void;
  /** Goes on where the partition was paused. Does nothing while it is not this member's. */
  resume(partition: TopicPartition): void;
  /**
   * Commits the next offsets to be read.
   * @returns false, with nothing committed, when `epoch` is over or the commit was refused
   */
  commit(epoch: number, positions: readonly RecordPosition[]): Promise<boolean>;
  /** Leaves the group; no record is delivered any more, and `ending` is not called. Commit before. */
  stop(): Promise<void>;
}

export interface TopicReaderEvents {
  /** Consecutive records of one partition. A handler that throws ends the reader, which is told as `failed`. */
  records(records: readonly KafkaRecord[]): void;
  gap?(gap: OffsetGap): void;
  /** The reader ended for good. */
  failed(error: Error): void;
}

/** Reads one topic from given positions, belonging to no group that others see and committing nothing. */
export interface TopicReader {
  /** The next offset of each partition. */
  positions(): ReadonlyMap<number, number>;
  close(): Promise<void>;
}

/**
 * Where a reader starts: at the oldest record, at the end, at a time (ms since the epoch), or at offsets. A
 * partition that is not named, or has no such offset any more, starts at its oldest record.
 */
export type StartAt = 'beginning' | 'end' | { readonly timestampMs: number } | ReadonlyMap<number, number>;

/** A part of a partition: the first offset that is read, and the first one that is not. */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

export interface ReadRangeOptions {
  /** Ends the reading: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Of what is asked for: records that are gone, or were never for readers. */
  readonly gap?: (gap: OffsetGap) => void;
}

export interface TopicDescription {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface Admin {
  /**
   * Resolves once every partition is served: the topic can be written and read.
   * @returns false if it was there already
   */
  createTopic(topic: NewTopic): Promise<boolean>;
  /**
   * Gives a topic more partitions, `total` in all. Resolves once every one is served.
   * @throws when the topic does not exist or has as many already
   */
  addPartitions(topic: string, total: number): Promise<void>;
  /** @returns null for a topic that does not exist */
  describeTopic(topic: string): Promise<TopicDescription | null>;
  /** The first and the next offset of each partition. @throws when the topic does not exist */
  offsets(topic: string): Promise<ReadonlyMap<number, { readonly low: number; readonly high: number }>>;
  /** The offset of the first record at or after the time; the end where there is none. */
  offsetsAt(topic: string, timestampMs: number): Promise<ReadonlyMap<number, number>>;
  committed(
    group: string,
    topics: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>>;
  /** How many brokers there are. */
  brokerCount(): Promise<number>;
  close(): Promise<void>;
}

/** One cluster, and the ways to it. */
export interface Kafka {
  /** Resolves once a broker answered. @throws KafkaUnavailableError when none does, within a few seconds */
  ping(): Promise<void>;
  /** @throws KafkaUnavailableError, after some 6 s where brokers refuse */
  producer(): Promise<Producer>;
  exclusiveConsumer(options: ExclusiveConsumerOptions, events: ExclusiveConsumerEvents): ExclusiveConsumer;
  sharedConsumer(options: SharedConsumerOptions, events: SharedConsumerEvents): SharedConsumer;
  /** @throws when the topic does not exist or Kafka cannot be reached */
  readTopic(topic: string, from: StartAt, events: TopicReaderEvents): Promise<TopicReader>;
  /**
   * Reads parts of a topic once, as a member of no group, and ends. Each batch holds consecutive records of one
   * partition, in order. Every offset of a range is delivered or told as a gap before what follows it; a range that
   * reaches beyond what is committed ends there. However slowly the batches are taken, one answer of each broker is
   * fetched ahead, some 4 MiB. Connections are open while it is iterated, and closed when that ends, also early.
   *
   * Keys and values are parts of such an answer: to keep a few of them for long, copy them.
   * @param ranges by partition; one that holds nothing asks for nothing
   * @throws when the topic or one of the partitions does not exist, when Kafka cannot be reached at the start in some
   *   6 s, or later a partition gives no answer for a minute; the signal's reason
   */
  readRange(
    topic: string,
    ranges: ReadonlyMap<number, OffsetRange>,
    options?: ReadRangeOptions,
  ): AsyncIterable<readonly KafkaRecord[]>;
  /** @throws KafkaUnavailableError, as for `producer` */
  admin(): Promise<Admin>;
}

export interface ExclusiveConsumerOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
}

export interface SharedConsumerOptions {
  readonly group: string;
  /** The same for all members of the group. */
  readonly topics: readonly string[];
  /** Used only where the group has no position yet. */
  readonly from: SharedStart;
  readonly sessionTimeoutMs: number;
}
