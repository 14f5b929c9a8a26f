import { type Clock, sleep } from '@whatsapp-stream/service-kit';
import type { Spool } from '../spool/spool.ts';
import type { Arrival } from './arrival.ts';
import type { KafkaState } from './kafka-state.ts';

export interface DrainOptions {
  readonly spool: Pick<Spool, 'oldest' | 'remove' | 'state'>;
  readonly write: (arrivals: readonly Arrival[]) => Promise<void>;
  /** Asks Kafka whether it is there, where there is nothing to be written. */
  readonly ping: () => Promise<void>;
  readonly kafka: KafkaState;
  readonly clock: Clock;
  readonly drained: (count: number) => void;
}

/** One request, and one deletion; live callbacks are written beside it. */
const BATCH = 500;
const LOOK_EVERY_MS = 500;
/** Without an acknowledgement: nothing was written. */
const PING_AFTER_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Takes the callbacks that wait in the spool to Kafka, the oldest first, from start to stop. Each leaves the spool
 * only when Kafka has acknowledged it. While Kafka is away this is who finds that it is back: by the oldest batch,
 * or by asking where the spool is empty. Resolves when `signal` is aborted and what is under way has ended.
 */
export async function drain(options: DrainOptions, signal: AbortSignal): Promise<void> {
  const { spool, kafka, clock } = options;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const isSilent = clock.monotonic() - kafka.acknowledgedAtMs() >= PING_AFTER_MS;
    const isDue = kafka.trouble() !== null || isSilent;
    if (spool.state().events === 0 && !isDue) {
      await sleep(clock, LOOK_EVERY_MS, signal);
      continue;
    }
    const outcome = await step(options);
    if (outcome === 'more') pauseMs = FIRST_PAUSE_MS;
    else if (outcome === 'nothing') await sleep(clock, LOOK_EVERY_MS, signal);
    else {
      await sleep(clock, pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** @returns `nothing` where the spool gave nothing to write, and Kafka answered */
async function step(options: DrainOptions): Promise<'more' | 'nothing' | 'failed'> {
  const { spool, write, ping, kafka, clock, drained } = options;
  const batch = await spool.oldest(BATCH);
  const beganMs = clock.monotonic();
  try {
    await (batch.length > 0 ? write(batch) : ping());
  } catch (error) {
    kafka.unacknowledged(error instanceof Error ? error.message : String(error), beganMs);
    return 'failed';
  }
  kafka.acknowledged();
  if (batch.length === 0) return 'nothing';
  await spool.remove(batch);
  drained(batch.length);
  return 'more';
}
