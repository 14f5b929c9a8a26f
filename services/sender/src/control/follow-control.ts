import { endsOf, type Kafka, type KafkaRecord, type TopicReader, withAdmin } from '@whatsapp-stream/kafka';
import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';
import { persist, unless } from '../ledger/following.ts';
import { isAtOrBefore } from '../ledger/log-positions.ts';
import { type ControlState, createControlState } from './control-state.ts';

/** What the operators have said, followed by every replica for as long as it lives. */
export interface Control extends Pick<ControlState, 'brake' | 'cancellation'> {
  /**
   * Resolves when all that is in the topic at this moment holds: before that a term must not start, or it would send
   * what was called back. A broker that is away is waited for.
   * @returns false when `over` is aborted or it was closed first
   */
  caughtUp(over: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly kafka: Pick<Kafka, 'admin' | 'readTopic'>;
  readonly topic: string;
  /** Something may hold now that did not, or hold no more. */
  readonly onChange: () => void;
  /** A record that says nothing to us, by the code of what it is not; the next one goes on. */
  readonly onSkipped: (reason: string) => void;
  /** The reader ended for good. */
  readonly onFailed: (error: Error) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
/**
 * How old a record in a lane can be. Kafka deletes a segment once its newest record is past the retention of seven
 * days, and begins another one after seven days (`segment.ms`): its oldest record is up to fourteen days old then.
 */
const OLDEST_RECORD_MS = 15 * DAY_MS;
const REACH_POLL_MS = 20;

/** Begins to follow the control topic from its beginning: its whole content is what holds. */
export function followControl(options: ControlOptions): Control {
  const { kafka, topic, onChange, onSkipped, clock, log } = options;
  const closed = new AbortController();
  const state = createControlState();

  function take(records: readonly KafkaRecord[]): void {
    let changed = false;
    for (const record of records) {
      const applied = state.apply(record);
      if (applied === 'changed') changed = true;
      else skip(record, applied.skipped);
    }
    state.forgetBefore(clock.now() - OLDEST_RECORD_MS);
    if (changed) onChange();
  }

  function skip({ partition, offset }: KafkaRecord, reason: string): void {
    log.warn({ topic, partition, offset, reason }, 'a control record is not understood, and passed over');
    onSkipped(reason);
  }

  const begun = persist('the control topic cannot be followed', { clock, log }, closed.signal, () =>
    kafka.readTopic(topic, 'beginning', { records: take, failed: options.onFailed }),
  );

  async function reach(reader: TopicReader, ends: ReadonlyMap<number, number>, over: AbortSignal) {
    while (!over.aborted) {
      if (isAtOrBefore(ends, reader.positions())) return true;
      await sleep(clock, REACH_POLL_MS, over);
    }
    return false;
  }

  async function catchUp(over: AbortSignal): Promise<boolean> {
    const ends = await persist('the control topic cannot be read', { clock, log }, over, () =>
      withAdmin(kafka, (admin) => admin.offsets(topic)),
    );
    const reader = await begun;
    if (!ends || !reader) return false;
    return reach(reader, endsOf(ends), over);
  }

  return {
    brake: state.brake,
    cancellation: state.cancellation,
    async caughtUp(over) {
      const either = AbortSignal.any([over, closed.signal]);
      return (await unless(either, catchUp(either))) === true;
    },
    async close() {
      closed.abort();
      const reader = await begun;
      await reader?.close();
    },
  };
}
