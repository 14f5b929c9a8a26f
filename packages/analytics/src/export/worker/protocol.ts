import type { Where } from '@whatsapp-stream/client';
import type { ExportFault } from '../errors.ts';
import type { ClusterSettings, ExportTopic, SkippedPlace } from '../options.ts';

/** What one thread does: it reads some partitions and makes of them lines, which it hands over, or files. */
export interface Job {
  readonly cluster: ClusterSettings;
  readonly topic: ExportTopic;
  readonly fromMs: number;
  readonly toMs: number;
  readonly where: Where;
  readonly partitions: readonly number[];
  readonly personalData: boolean;
  readonly target: Target;
}

export type Target =
  | { readonly kind: 'lines'; readonly format: 'ndjson' | 'csv' }
  /** Parquet files in folders by day. */
  | { readonly kind: 'parts'; readonly folder: string; readonly name: string };

/** What a thread tells. */
export type Told =
  /** Whole lines; the bytes are handed over, and come back with `taken`. */
  | { readonly kind: 'lines'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  /** The registry does not answer, and is asked again and again. */
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** All since the start, but for `skippedPlaces`, which are new. */
export interface JobProgress {
  readonly passed: number;
  readonly total: number;
  readonly events: number;
  readonly skipped: number;
  readonly skippedPlaces: readonly SkippedPlace[];
}

/** What a thread is told. */
export type Order =
  /** These lines are written: there is room for more, and the bytes can be used again. */
  { readonly kind: 'taken'; readonly bytes: Uint8Array<ArrayBuffer> } | { readonly kind: 'stop' };

/** An error on its way out of a thread: classes do not survive it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fault: ExportFault | null;
}
