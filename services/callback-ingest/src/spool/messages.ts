import type { Row } from './row.ts';
import type { Kept, Spooled, SpoolState } from './spool.ts';
import type { Notice, RowName } from './store.ts';

/** What the thread of the spool is asked. */
export type Request =
  | { readonly kind: 'probe' }
  | { readonly kind: 'keep'; readonly batches: readonly (readonly Row[])[] }
  | { readonly kind: 'oldest'; readonly limit: number }
  | { readonly kind: 'remove'; readonly names: readonly RowName[] }
  | { readonly kind: 'close' };

/** To each request exactly one, in their order; empty but for what was asked. */
export interface Answer {
  readonly kind: 'answer';
  readonly kept: readonly Kept[];
  readonly oldest: readonly Spooled[];
}

/** What the thread says. A state comes before each answer, and with what it does by itself. */
export type Said =
  | Answer
  | { readonly kind: 'state'; readonly state: SpoolState }
  | { readonly kind: 'notice'; readonly notice: Notice };

export interface ThreadData {
  readonly dir: string;
  readonly maxBytes: number;
}
