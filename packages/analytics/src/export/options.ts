import type { Writable } from 'node:stream';
import type { BrokerOptions, Where } from '@whatsapp-stream/client';
import type { RegistryOptions, TopicNames } from '@whatsapp-stream/schemas';

/** Where Kafka and the registry are, in plain values: these go to threads of their own. */
export interface ClusterSettings extends Omit<BrokerOptions, 'log' | 'kafka'> {
  /** The URL of a registry that speaks Confluent's API (user and password may stand in it), or more about it. */
  readonly registry: string | RegistryOptions;
  /** What differs from `whatsapp.send.otp`, `whatsapp.status` and so on. */
  readonly topics?: Partial<TopicNames>;
}

export const EXPORT_TOPICS = ['status', 'send'] as const;
/** The status events, or the send requests of the lanes. */
export type ExportTopic = (typeof EXPORT_TOPICS)[number];

export const EXPORT_FORMATS = ['ndjson', 'csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly cluster: ClusterSettings;
  /** `status` unless told. */
  readonly topic?: ExportTopic;
  /** Moments are those of Kafka's log: when it took the record. In ms since the epoch, if a number. */
  readonly from: Date | number;
  /** The first moment that is not read; now unless told. */
  readonly to?: Date | number;
  readonly where?: Where;
  readonly format: ExportFormat;
  /**
   * A file, or a stream, which is left open; for Parquet a folder, in which each UTC day of `recorded_at` gets a
   * folder of its own (`layout.ts`). Of states in Parquet, a file.
   */
  readonly out: string | Writable;
  /** Folded states of messages instead of events; of `status` alone. */
  readonly states?: boolean;
  /** Replaces the days that are written. Without it a day that is there already is an error; a file is replaced anyway. */
  readonly overwrite?: boolean;
  /** Of send requests also the phone number and the template's parameters. */
  readonly personalData?: boolean;
  /** Ends the export: it rejects with the signal's reason, and leaves nothing behind. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExportProgress) => void;
  /** Called for each record that cannot be read; the next one goes on. */
  readonly onSkipped?: (skipped: SkippedPlace) => void;
  /** The registry does not answer; it is asked again each second, and nothing is skipped. */
  readonly onWaiting?: (message: string) => void;
  /** How many threads read; one for each core, up to three, unless told. */
  readonly threads?: number;
}

/** Where a record lies that could not be read, and why it could not. */
export interface SkippedPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly code: string;
}

export interface ExportProgress {
  /** Offsets passed, of all that will be passed: also what was not wanted. */
  readonly passed: number;
  readonly total: number;
  readonly events: number;
  readonly skipped: number;
}

export interface ExportSummary {
  /** Events that were wanted; of states, those that were folded. */
  readonly events: number;
  /** Rows written: events, or states. */
  readonly rows: number;
  /** Records that could not be read. */
  readonly skipped: number;
  /** What was written: a file, or files of a folder; none for a stream. */
  readonly files: readonly string[];
  readonly tookMs: number;
}
