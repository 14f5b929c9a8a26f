import type { Headers } from '@whatsapp-stream/kafka';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import type { Clock } from '@whatsapp-stream/service-kit';
import { applyEvent, type LedgerEntry, newLedgerEntry, type Standing, standingOf } from './standing.ts';

/**
 * The sender's memory: a fold over the status log. What it writes is believed once Kafka has acknowledged it;
 * what others write comes in through `learn`.
 */
export interface Ledger {
  standing(messageId: string): Standing;
  /**
   * Appends an event to the status log, trying again until it is acknowledged.
   * @returns false if the sender was stopped before that
   */
  write(event: StatusEvent, headers: Headers): Promise<boolean>;
  /** An event was read from the log. */
  learn(event: StatusEvent): void;
  /**
   * A term begins, and will learn from the log what it needs: what others may have settled meanwhile is forgotten.
   */
  forgetUnsettled(): void;
  /**
   * Waits for word on an attempt in doubt.
   * @returns as soon as the message is no longer in doubt; `none` after `graceMs`; `over` when `signal` is aborted
   */
  evidence(messageId: string, graceMs: number, signal: AbortSignal): Promise<'evidence' | 'none' | 'over'>;
  /** Messages remembered. */
  size(): number;
}

export interface LedgerOptions {
  /** @returns false if stopped before it was acknowledged */
  readonly append: (event: StatusEvent, headers: Headers) => Promise<boolean>;
  readonly clock: Clock;
  /** Settled messages are remembered for as long, so that a repeated message_id is not sent again. */
  readonly dedupeWindowMs: number;
  /** And never more of them than this. */
  readonly dedupeMaxMessages: number;
}

/**
 * Callbacks of messages that were settled long ago come for days. Those that matter come after their attempt, so a
 * few are kept only for the case that the log's partitions were changed between the two.
 */
const MAX_ONLY_CALLBACKS = 10_000;

/** All settled messages share it: nothing but that they are settled needs to be remembered. */
const SETTLED: LedgerEntry = Object.freeze({ settled: true, attempts: new Map(), retryAt: 0 });

export function createLedger({ append, clock, dedupeWindowMs, dedupeMaxMessages }: LedgerOptions): Ledger {
  const entries = new Map<string, LedgerEntry>();
  /** When each settled message was, in that order: the order of forgetting. */
  const settledAt = new Map<string, number>();
  /** Of whom only callbacks have told so far, in the order of forgetting. */
  const onlyCallbacks = new Set<string>();
  const waiting = new Map<string, () => void>();

  function learn(event: StatusEvent): void {
    const id = event.message_id;
    if (id === null || settledAt.has(id)) return;
    const entry = entries.get(id) ?? newEntry(id);
    if (event.origin !== 'CALLBACK') onlyCallbacks.delete(id);
    applyEvent(entry, event);
    if (entry.settled) {
      entries.set(id, SETTLED);
      settledAt.set(id, clock.monotonic());
      forgetOld();
    }
    const wake = waiting.get(id);
    if (wake && standingOf(entry).kind !== 'doubt') wake();
  }

  function newEntry(id: string): LedgerEntry {
    const entry = newLedgerEntry();
    entries.set(id, entry);
    onlyCallbacks.add(id);
    const [oldest] = onlyCallbacks;
    if (onlyCallbacks.size > MAX_ONLY_CALLBACKS && oldest !== undefined) {
      onlyCallbacks.delete(oldest);
      entries.delete(oldest);
    }
    return entry;
  }

  function forgetOld(): void {
    const oldest = clock.monotonic() - dedupeWindowMs;
    for (const [id, at] of settledAt) {
      if (at >= oldest && settledAt.size <= dedupeMaxMessages) return;
      settledAt.delete(id);
      entries.delete(id);
    }
  }

  return {
    standing: (messageId) => standingOf(entries.get(messageId)),
    async write(event, headers) {
      if (!(await append(event, headers))) return false;
      learn(event);
      return true;
    },
    learn,
    forgetUnsettled() {
      for (const id of entries.keys()) if (!settledAt.has(id)) entries.delete(id);
      onlyCallbacks.clear();
    },
    evidence(messageId, graceMs, signal) {
      if (standingOf(entries.get(messageId)).kind !== 'doubt') return Promise.resolve('evidence');
      if (signal.aborted) return Promise.resolve('over');
      return new Promise((resolve) => {
        const end = (how: 'evidence' | 'none' | 'over') => {
          cancel();
          signal.removeEventListener('abort', over);
          waiting.delete(messageId);
          resolve(how);
        };
        const over = () => end('over');
        const cancel = clock.after(graceMs, () => end('none'));
        signal.addEventListener('abort', over);
        waiting.set(messageId, () => end('evidence'));
      });
    },
    size: () => entries.size,
  };
}
