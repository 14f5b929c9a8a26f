import type { Headers } from '@whatsapp-stream/kafka';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import type { Clock } from '@whatsapp-stream/service-kit';
import type { LogPosition, SettledMessages } from './settled.ts';
import { applyEvent, type LedgerEntry, newLedgerEntry, type Standing, standingOf } from './standing.ts';

/**
 * The sender's memory: a fold over the status log. What it writes is believed once Kafka has acknowledged it;
 * what others write comes in through `learn`, and so does what it wrote itself, once more and with its place.
 */
export interface Ledger {
  standing(messageId: string): Standing;
  /**
   * Appends an event to the status log, trying again until it is acknowledged.
   * @returns false if the sender was stopped before that
   */
  write(event: StatusEvent, headers: Headers): Promise<boolean>;
  /** An event was read from the log. What was learnt before changes nothing, in whatever order. */
  learn(event: StatusEvent, at: LogPosition): void;
  /**
   * Waits for word on an attempt in doubt.
   * @returns as soon as the message is no longer in doubt; `none` after `graceMs`; `over` when `signal` is aborted
   */
  evidence(messageId: string, graceMs: number, signal: AbortSignal): Promise<'evidence' | 'none' | 'over'>;
  /** What the first request of a message_id holds, as a number of 31 bits; changes nothing if it is known. */
  noteContent(messageId: string, content: number): void;
  /** @returns null where this process has not seen the first one, or has forgotten it */
  contentOf(messageId: string): number | null;
  /** Messages remembered. */
  size(): number;
}

export interface LedgerOptions {
  /** @returns false if stopped before it was acknowledged */
  readonly append: (event: StatusEvent, headers: Headers) => Promise<boolean>;
  readonly settled: Pick<SettledMessages, 'has' | 'contentOf' | 'remember' | 'size'>;
  readonly clock: Clock;
}

/**
 * Callbacks of messages that were settled long ago come for days. Those that matter come after their attempt, so a
 * few are kept only for the case that the log's partitions were changed between the two.
 */
const MAX_ONLY_CALLBACKS = 10_000;

/** An entry, and what the first request of its message held, where this process has seen it. */
interface Open {
  readonly entry: LedgerEntry;
  content: number | null;
}

export function createLedger({ append, settled, clock }: LedgerOptions): Ledger {
  /** Those that are not settled, or whose settling was written and not read from the log yet. */
  const open = new Map<string, Open>();
  /** Of whom only callbacks have told so far, in the order of forgetting. */
  const onlyCallbacks = new Set<string>();
  const waiting = new Map<string, () => void>();

  function standing(id: string): Standing {
    return settled.has(id) ? { kind: 'settled' } : standingOf(open.get(id)?.entry);
  }

  /** @returns the message's entry as it is now; null when it is settled and the log says so */
  function apply(id: string, event: StatusEvent): Open | null {
    if (settled.has(id)) return null;
    const one = open.get(id) ?? newOpen(id);
    if (event.origin === 'CALLBACK' && one.entry.attempts.size === 0) noteOnlyCallbacks(id);
    else if (event.origin !== 'CALLBACK') onlyCallbacks.delete(id);
    applyEvent(one.entry, event);
    const wake = waiting.get(id);
    if (wake && standingOf(one.entry).kind !== 'doubt') wake();
    return one;
  }

  function newOpen(id: string): Open {
    const one = { entry: newLedgerEntry(), content: null };
    open.set(id, one);
    return one;
  }

  function noteOnlyCallbacks(id: string): void {
    onlyCallbacks.add(id);
    const [oldest] = onlyCallbacks;
    if (onlyCallbacks.size > MAX_ONLY_CALLBACKS && oldest !== undefined) {
      onlyCallbacks.delete(oldest);
      open.delete(oldest);
    }
  }

  return {
    standing,
    async write(event, headers) {
      if (!(await append(event, headers))) return false;
      if (event.message_id !== null) apply(event.message_id, event);
      return true;
    },
    learn(event, at) {
      const id = event.message_id;
      const one = id === null ? null : apply(id, event);
      if (id === null || !one?.entry.settled) return;
      settled.remember(id, one.content, at, clock.monotonic());
      open.delete(id);
    },
    evidence(messageId, graceMs, signal) {
      if (standing(messageId).kind !== 'doubt') return Promise.resolve('evidence');
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
    noteContent(messageId, content) {
      if (settled.has(messageId)) return;
      const one = open.get(messageId) ?? newOpen(messageId);
      one.content ??= content;
    },
    contentOf: (messageId) => settled.contentOf(messageId) ?? open.get(messageId)?.content ?? null,
    size: () => open.size + settled.size(),
  };
}
