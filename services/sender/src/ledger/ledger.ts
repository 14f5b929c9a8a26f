import type { Headers } from '@whatsapp-stream/kafka';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import type { Clock } from '@whatsapp-stream/service-kit';
import { createOutcomes } from './outcomes.ts';
import type { LogPosition, SettledMessages } from './settled.ts';
import { applyEvent, type LedgerEntry, newLedgerEntry, type Standing, standingOf } from './standing.ts';
import { unitOf } from './unit.ts';

/** Where an event was read, and what came with it. */
export interface LearntFrom extends LogPosition {
  readonly headers: Headers;
}

/**
 * The sender's memory: a fold over the status log. What it writes is believed once Kafka has acknowledged it;
 * what others write comes in through `learn`, and so does what it wrote itself, once more and with its place.
 * It is kept by *unit*: a message, or one redrive of it (`unit.ts`).
 */
export interface Ledger {
  standing(unit: string): Standing;
  /** How many attempts of a message callbacks have told to have failed, as far as that is remembered. */
  failures(messageId: string): number;
  /** Whether a redrive of the message is in vain, or too much: it was taken, or another unit of it is under way. */
  mayBeTaken(messageId: string, unit: string): boolean;
  /**
   * Appends an event to the status log, trying again until it is acknowledged.
   * @returns false if the sender was stopped before that
   */
  write(event: StatusEvent, headers: Headers): Promise<boolean>;
  /** An event was read from the log. What was learnt before changes nothing, in whatever order. */
  learn(event: StatusEvent, from: LearntFrom): void;
  /**
   * Waits for word on an attempt in doubt.
   * @returns as soon as the message is no longer in doubt; `none` after `graceMs`; `over` when `signal` is aborted
   */
  evidence(unit: string, graceMs: number, signal: AbortSignal): Promise<'evidence' | 'none' | 'over'>;
  /** What the first request of a unit holds, as a number of 31 bits; changes nothing if it is known. */
  noteContent(unit: string, content: number): void;
  /** @returns null where this process has not seen the first one, or has forgotten it */
  contentOf(unit: string): number | null;
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
  const outcomes = createOutcomes();

  function standing(id: string): Standing {
    // What is open is not settled, and there are few of them: it is found sooner.
    const one = open.get(id);
    return !one && settled.has(id) ? { kind: 'settled' } : standingOf(one?.entry);
  }

  /** @returns the unit's entry as it is now; null when it is settled and the log says so */
  function apply(id: string, event: StatusEvent): Open | null {
    outcomes.note(event, id, open.get(id)?.entry);
    const known = open.get(id);
    if (!known && settled.has(id)) return null;
    const one = known ?? newOpen(id);
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
    if (onlyCallbacks.size <= MAX_ONLY_CALLBACKS) return;
    const [oldest] = onlyCallbacks;
    if (oldest !== undefined) {
      onlyCallbacks.delete(oldest);
      open.delete(oldest);
    }
  }

  return {
    standing,
    failures: outcomes.failures,
    mayBeTaken(messageId, unit) {
      const known = outcomes.mayBeTaken(messageId, unit);
      if (known !== null) return known;
      const { kind } = standing(messageId);
      return kind === 'settled' || kind === 'taken' || kind === 'doubt';
    },
    async write(event, headers) {
      if (!(await append(event, headers))) return false;
      const unit = unitOf(event, headers);
      if (unit !== null) apply(unit, event);
      return true;
    },
    learn(event, from) {
      const unit = unitOf(event, from.headers);
      const one = unit === null ? null : apply(unit, event);
      if (unit === null || !one?.entry.settled) return;
      settled.remember(unit, one.content, from, clock.monotonic());
      open.delete(unit);
    },
    evidence(unit, graceMs, signal) {
      if (standing(unit).kind !== 'doubt') return Promise.resolve('evidence');
      if (signal.aborted) return Promise.resolve('over');
      return new Promise((resolve) => {
        const end = (how: 'evidence' | 'none' | 'over') => {
          cancel();
          signal.removeEventListener('abort', over);
          waiting.delete(unit);
          resolve(how);
        };
        const over = () => end('over');
        const cancel = clock.after(graceMs, () => end('none'));
        signal.addEventListener('abort', over);
        waiting.set(unit, () => end('evidence'));
      });
    },
    noteContent(unit, content) {
      if (settled.has(unit)) return;
      const one = open.get(unit) ?? newOpen(unit);
      one.content ??= content;
    },
    contentOf: (unit) => settled.contentOf(unit) ?? open.get(unit)?.content ?? null,
    size: () => open.size + settled.size(),
  };
}
