import type { OffsetGap, TopicPartition } from '@whatsapp-stream/kafka';
import type { MessageState, RegistryUnavailableError, StatusEvent } from '@whatsapp-stream/schemas';
import type { ClusterOptions } from '../cluster.ts';
import type { Skipped } from '../read-status.ts';
import type { Where } from '../replay/port.ts';

/** One event or state in the hands of a handler. */
export interface Delivery extends TopicPartition {
  readonly offset: number;
  /** When Kafka took the event, in ms since the epoch. */
  readonly timestamp: number;
  /** 1, and one more each time the handler has thrown for it. */
  readonly attempt: number;
  /**
   * Aborted when the partition is no longer this member's, or the subscriber has stopped waiting for its handlers: what
   * is done can still be finished, but will be delivered again, here or elsewhere.
   */
  readonly signal: AbortSignal;
  /**
   * It is done and need not come again. More than one call counts once; after `signal` it commits nothing. With
   * `acknowledge: 'on-return'` nobody needs to call it: who does so early says that it need not come again even if the
   * handler throws later.
   */
  ack(): void;
}

export type Handler<T> = (what: T, delivery: Delivery) => Promise<unknown> | unknown;

interface RunOptions {
  /**
   * When an event counts as done. `on-return`, the default: when the handler has returned, or its promise resolved.
   * `on-ack`: when `delivery.ack()` was called, then or later; the handler's return only asks for the next one. For
   * those who gather a batch: it cannot be larger than `maxUnacknowledged`.
   */
  readonly acknowledge?: 'on-return' | 'on-ack';
}

/** Each event as it lies in the log, but for duplicates. */
export interface RunEvents extends RunOptions {
  readonly onEvent: Handler<StatusEvent>;
}

/**
 * How a message stands after each event that changes it. What changes nothing (a duplicate, a `SENT` that comes after
 * the `READ`) is not handed over; the times in `reachedAtMs`, `firstEventAtMs` and `lastEventAtMs` alone are no change,
 * and are up to date in the next state.
 */
export interface RunStates extends RunOptions {
  readonly onState: Handler<MessageState>;
  /**
   * How far back the log is read when a partition is assigned, counted from the first event that will be delivered. An
   * event of a message of which all others are older than that gives a state of that event alone. 24 h unless told.
   */
  readonly stateWindowMs?: number;
  /**
   * How many messages are remembered, over all partitions of this process: those of the latest events. Each takes some
   * 1.3 kB (measured), so 130 MB for 100,000, which is the bound unless told. At most eight times as many events are
   * read back, however long the window is.
   *
   * A callback that came unsigned knows the session alone, and lies under it in another partition than the message. It
   * is joined to its message if this process has both partitions and has seen the `ACCEPTED` that names both. Else it
   * gives a state of the session alone, with `messageId` null. A group of one member joins all that it remembers.
   */
  readonly maxMessages?: number;
}

export interface FailedDelivery {
  readonly delivery: Delivery;
  readonly retryInMs: number | null;
}

export interface SubscriberHooks {
  /**
   * The handler threw: it is called again for the same event after `retryInMs`, and its partition waits; for as long as
   * it throws, because what it cannot do is for it to put aside. Null: not again, it had acknowledged or the partition
   * is no longer this member's.
   */
  readonly onError?: (error: unknown, failed: FailedDelivery) => void;
  /** A record that cannot be read. It counts as done, and the next one goes on. */
  readonly onSkipped?: (skipped: Skipped) => void;
  /** The registry does not answer. It is asked again each second, and nothing is skipped. */
  readonly onWaiting?: (error: RegistryUnavailableError) => void;
  /** Records that Kafka has deleted, by the topic's retention, before this group has read them. */
  readonly onLost?: (gap: OffsetGap) => void;
  /** What this member has from now on, perhaps nothing. */
  readonly onAssigned?: (partitions: readonly TopicPartition[]) => void;
}

/**
 * None of the hooks may throw: that ends the subscriber as a fault of this library would.
 */
export type SubscriberOptions = ClusterOptions &
  SubscriberHooks & {
    /** Members of one group share the partitions: each event goes to one of them. Give each application a name of its own. */
    readonly group: string;
    /**
     * Where a group begins that has never read: at the oldest event that Kafka has, at those that come from now on, or at
     * a moment. It has no default, because either guess is wrong for somebody and is noticed only once, in production:
     * `end` silently passes over what came before the first start, `beginning` can be 30 days of old news.
     */
    readonly from: 'beginning' | 'end' | Date;
    /** What is not wanted counts as done. For states: of the state, so that the lane is known of callbacks, too. */
    readonly where?: Where;
    /**
     * Of one partition: when so many events were fetched and are not acknowledged, or 4 MiB of them wait for the
     * handler, no more are taken until half are; up to 200 of the fetch under way can be above it. 500 unless told. One
     * that is never acknowledged stops no other, but its offset is never committed: all from it on is delivered again
     * after a restart.
     */
    readonly maxUnacknowledged?: number;
    /** Event ids that are remembered of one partition to hand none over twice; 10,000 unless told. See `seen.ts`. */
    readonly dedupeEntries?: number;
    /** The pause after the first throw of a handler, and the longest one: it doubles. 200 ms and 30 s unless told. */
    readonly retry?: { readonly minMs: number; readonly maxMs: number };
    /** How long `close` waits for the handlers under way; 10 s unless told. */
    readonly closeTimeoutMs?: number;
    /**
     * After how long of silence (of a process that was killed, or whose event loop a handler blocks) the group gives a
     * member's partitions to others; 10 s unless told.
     */
    readonly sessionTimeoutMs?: number;
  };

/** Counts since the start, and what is now. */
export interface SubscriberStats {
  readonly partitions: readonly TopicPartition[];
  /** Handed over, each event or state once, however often its handler was called. */
  readonly delivered: number;
  readonly acknowledged: number;
  /** Calls of the handler that threw. */
  readonly failed: number;
  /** Events that were acknowledged before. */
  readonly duplicates: number;
  readonly skipped: number;
  /** Records that Kafka deleted before they were read. */
  readonly lost: number;
  /** Records fetched and not done, now: waiting, in the handlers, or handed over and not acknowledged. */
  readonly unacknowledged: number;
}

/**
 * At least once: an offset is committed only when all below it are acknowledged. Events of one partition, so of one
 * message, are handed over in their order and one at a time; those of several partitions at the same time.
 */
export interface Subscriber {
  /**
   * Joins the group and hands over until `close`. To be called once.
   * @returns a promise that resolves when the subscriber is closed, and rejects with what ended it otherwise: a topic
   *   that does not exist, Kafka away at the start (KafkaUnavailableError) or for a minute while what came before a new
   *   partition's first event is read, a consumer that ended for good, a hook that threw. It leaves the group then;
   *   `close` waits for that.
   */
  run(how: RunEvents | RunStates): Promise<void>;
  /**
   * Takes no more events, waits for the handlers under way for `closeTimeoutMs` at most, commits what is acknowledged
   * and leaves the group; where Kafka does not answer, that is waited for 5 s. What was handed over and is not
   * acknowledged by then will be delivered again. A handler must not wait for it.
   */
  close(): Promise<void>;
  stats(): SubscriberStats;
}
