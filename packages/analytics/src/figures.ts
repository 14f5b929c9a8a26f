import type { Status } from '@whatsapp-stream/schemas';

/** A dimension that messages are told apart by. */
export type Dimension = 'lane' | 'template_name' | 'source';

/**
 * How many messages came how far; each step holds those of the next one too, also where an event in between is missing:
 * what was read was delivered, sent and accepted. Of `requested`, each is delivered, failed or open.
 */
export interface Funnel {
  /** The messages that the sender or a callback spoke of. */
  readonly requested: number;
  /** Verihubs has taken it, by its answer or by a callback, which it makes only of what it has taken. */
  readonly accepted: number;
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  /** Closed otherwise than by DELIVERED or READ. */
  readonly failed: number;
  /** Not closed yet. */
  readonly open: number;
}

/** A funnel of the messages that have one value in a dimension; null where it is not known. */
export interface FunnelRow extends Funnel {
  readonly dimension: Dimension;
  readonly value: string | null;
}

export interface FailureRow {
  readonly status: Status;
  readonly lane: string | null;
  /** Without what differs from message to message, such as durations and addresses, for which `…` stands. */
  readonly reason: string | null;
  readonly messages: number;
}

/**
 * From the first event of a message to the first one that tells the step or a later one. Only of messages whose
 * `ATTEMPTED` is there: of the others the beginning lies before the range.
 */
export interface LatencyRow {
  readonly step: 'accepted' | 'sent' | 'delivered' | 'read';
  /** null: all lanes together, and messages whose lane is not known. */
  readonly lane: string | null;
  readonly messages: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Messages by time, in bins that grow by a constant factor; `toMs` is the first time that is not within. */
  readonly bins: readonly { readonly fromMs: number; readonly toMs: number; readonly messages: number }[];
}

export interface VolumeRow {
  /** Start of an hour of UTC, ms since the epoch. */
  readonly hourMs: number;
  readonly lane: string | null;
  /** Messages whose first event is of this hour. */
  readonly messages: number;
  /** Those of them that Verihubs charges for, as far as it is known. */
  readonly charged: number;
}

/** A message that has no closing status although its last event is older than it should be. */
export interface OpenMessage {
  readonly messageId: string | null;
  readonly sessionId: string | null;
  readonly lane: string | null;
  readonly source: string | null;
  readonly templateName: string | null;
  readonly status: Status;
  readonly firstEventAtMs: number;
  readonly lastEventAtMs: number;
}

/** All that a report tells. */
export interface Figures {
  readonly fromMs: number;
  readonly toMs: number;
  readonly events: number;
  /** Events that told the same fact again, by `event_id`. */
  readonly duplicates: number;
  readonly messages: number;
  readonly charged: number;
  readonly total: Funnel;
  readonly funnels: readonly FunnelRow[];
  readonly failures: readonly FailureRow[];
  readonly latencies: readonly LatencyRow[];
  readonly volume: readonly VolumeRow[];
  readonly unclosed: {
    readonly afterMinutes: number;
    readonly count: number;
    /** The oldest of them, so many as a page can hold. */
    readonly oldest: readonly OpenMessage[];
  };
}
