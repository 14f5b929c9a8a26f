import type { OffsetGap, OffsetRange } from '../port.ts';
import type { FetchAnswer, FetchedPartition } from './fetch-answer.ts';
import { batchesIn } from './record-batch.ts';
import type { FetchedPart } from './runs.ts';
import { errorOfCode } from './source.ts';

/** How far one partition is read, or fetched. */
export interface Progress {
  readonly partition: number;
  /** The next offset to be fetched. */
  next: number;
  readonly to: number;
  state: 'idle' | 'under way' | 'failed' | 'done';
  /** Answers in a row that brought nothing though there should be something. */
  empty: number;
  /** Since the last answer. */
  failure: Failure | undefined;
}

interface Failure {
  readonly count: number;
  /** On the monotonic clock. */
  readonly sinceMs: number;
}

/** What an answer brought: something to be handed over, or to be told. */
export type Brought =
  | { readonly kind: 'part'; readonly part: FetchedPart }
  | { readonly kind: 'gap'; readonly gap: OffsetGap };

export const OFFSET_OUT_OF_RANGE = 1;
/**
 * A broker that is short of memory or quota may answer with nothing once; one that leads since a moment may not have
 * heard yet how much is committed.
 */
const EMPTY_ANSWERS = 3;

export const progressOf = (partition: number, { from, to }: OffsetRange): Progress => ({
  partition,
  next: from,
  to,
  state: from < to ? 'idle' : 'done',
  empty: 0,
  failure: undefined,
});

/**
 * Moves a partition on by what was fetched.
 * @param oldest where it begins now, when the wanted offset was out of range
 * @returns what it brought, if anything
 * @throws what the broker says that is wrong
 */
export function moveOn(
  progress: Progress,
  fetched: FetchedPartition,
  { oldest, broughtNothing }: { readonly oldest: number | undefined; readonly broughtNothing: boolean },
): Brought | undefined {
  if (fetched.errorCode === OFFSET_OUT_OF_RANGE && oldest !== undefined) {
    // Beyond the end, where the log was cut, there is nothing of the range.
    return oldest > progress.next ? jump(progress, fetched, oldest, 'retention') : end(progress);
  }
  if (fetched.errorCode !== 0) throw errorOfCode(fetched.errorCode);
  const batches = batchesIn(fetched.records);
  const reached = batches.at(-1)?.nextOffset ?? 0;
  if (reached > progress.next) {
    const { next: from } = progress;
    advance(progress, reached);
    const { topic, partition, aborted } = fetched;
    return { kind: 'part', part: { topic, partition, from, to: progress.next, batches, aborted } };
  }
  progress.state = 'idle';
  progress.empty = broughtNothing ? progress.empty + 1 : 0;
  if (progress.empty < EMPTY_ANSWERS) return undefined;
  if (progress.next >= fetched.lastStableOffset) return end(progress);
  // Compaction took the last records out, and no later ones are there.
  return jump(progress, fetched, fetched.lastStableOffset, 'filtered');
}

function advance(progress: Progress, offset: number): void {
  progress.next = Math.min(offset, progress.to);
  progress.empty = 0;
  progress.state = progress.next < progress.to ? 'idle' : 'done';
}

function jump(
  progress: Progress,
  { topic, partition }: FetchedPartition,
  offset: number,
  cause: OffsetGap['cause'],
): Brought {
  const from = progress.next;
  advance(progress, offset);
  return { kind: 'gap', gap: { topic, partition, from, to: progress.next, cause } };
}

function end(progress: Progress): undefined {
  progress.state = 'done';
}

export const broughtNothing = ({ partitions }: FetchAnswer): boolean =>
  partitions.every(({ records }) => records.length === 0);

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
/** A broker that is restarted is back by then, or another one leads. */
const GIVE_UP_AFTER_MS = 60_000;
/** Time alone says little where the reader is slow: what arrived is looked at when it wants more. */
const GIVE_UP_AFTER_FAILURES = 3;

/** Notes a failure. @throws it, once the partition has had no answer for a minute and some attempts */
export function fail(progress: Progress, error: unknown, nowMs: number): void {
  const { count, sinceMs } = progress.failure ?? { count: 0, sinceMs: nowMs };
  if (count >= GIVE_UP_AFTER_FAILURES && nowMs - sinceMs > GIVE_UP_AFTER_MS) throw error;
  progress.failure = { count: count + 1, sinceMs };
  progress.state = 'failed';
}

/** How long to wait before the failed ones are tried again. */
export function pauseMs(progresses: readonly Progress[]): number {
  const most = Math.max(1, ...progresses.map(({ failure }) => failure?.count ?? 0));
  return Math.min(FIRST_PAUSE_MS * 2 ** (most - 1), MAX_PAUSE_MS);
}
