import type { OnDoubt, Origin, Status } from '@whatsapp-stream/schemas';
import type { Call } from '../../support/calls.ts';

/**
 * What happened, as plain data: what the lanes, the status log, the dead letters and the committed offsets say, and
 * what arrived at the simulator. Times are ms since the epoch unless their name says otherwise. Those of Kafka are the
 * broker's, those of arrivals the simulator's.
 */
export interface History {
  readonly sent: readonly SendRecord[];
  readonly events: readonly LoggedEvent[];
  readonly deadLetters: readonly DeadLetter[];
  /** In the order in which they were written. */
  readonly commits: readonly Commit[];
  readonly arrivals: readonly Arrival[];
  /** Callbacks that were answered 200. */
  readonly acknowledged: readonly Acknowledged[];
  /** Records of the status log that are no status events as we know them. */
  readonly skippedEvents: number;
}

export interface RecordAt {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface SentRequest {
  readonly messageId: string;
  readonly onDoubt: OnDoubt;
  /** False for one that must be refused, or is of a newer schema. */
  readonly isSound: boolean;
  /** Whether it has an `expires_at`. */
  readonly expires: boolean;
}

/** A record of a lane. */
export interface SendRecord extends RecordAt {
  readonly appendedAtMs: number;
  /** Null for one that is no send request. */
  readonly request: SentRequest | null;
  /** The closing event that it answers, for a redriven one. */
  readonly redriveOf: string | null;
}

/** An event of the status log. */
export interface LoggedEvent {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAtMs: number;
  readonly eventId: string;
  readonly messageId: string | null;
  readonly attempt: number;
  readonly attemptId: string | null;
  readonly status: Status;
  readonly origin: Origin;
  readonly verified: boolean;
  /** The lane's record that it speaks of. */
  readonly of: RecordAt | null;
}

export interface DeadLetter {
  /** The lane's record that was put aside; null when the dead letter does not say. */
  readonly of: RecordAt | null;
  /** Null when the topic keeps the producers' times, which prove nothing. */
  readonly appendedAtMs: number | null;
}

/** An offset that the senders' group committed: the next one to be read. */
export interface Commit extends RecordAt {
  readonly committedAtMs: number;
}

/** A callback that was answered 200, by the id of the event that it must have become. */
export interface Acknowledged {
  readonly eventId: string;
  readonly messageId: string;
  readonly code: number;
}

/** A request at the simulator. */
export interface Arrival {
  /** Which process of the simulator it reached, from 0: `receivedMs` starts over with each. */
  readonly run: number;
  /** On the simulator's monotonic clock, with fractions. */
  readonly receivedMs: number;
  readonly arrivedAtMs: number;
  /** The HTTP status that it was answered with; null for none. */
  readonly status: number | null;
  readonly taken: boolean;
  /** False: answered 429 by the simulator's own limit. Null: the limit was not asked. */
  readonly withinLimit: boolean | null;
  /** The attempt that its callback URL names; null where that cannot be read. */
  readonly call: Call | null;
}
