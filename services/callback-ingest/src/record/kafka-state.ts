import type { Clock, Logger } from '@whatsapp-stream/service-kit';

/** Whether Kafka takes our events, as far as is known. */
export interface KafkaState {
  /** Why it does not, for people; null while it does. */
  trouble(): string | null;
  /** When it last acknowledged something, on the monotonic clock; at first, when this was made. */
  acknowledgedAtMs(): number;
  acknowledged(): void;
  /**
   * @param why for people
   * @param sinceMs when the attempt began that failed: one that began before the last acknowledgement says nothing new
   */
  unacknowledged(why: string, sinceMs?: number): void;
}

/** Where Kafka answers and does not take events, trouble comes and goes every moment. */
const QUIET_MS = 10_000;

/** Logs one line when trouble starts and one when it is over, however many callbacks it meets. */
export function createKafkaState(clock: Clock, log: Pick<Logger, 'info' | 'warn'>): KafkaState {
  let trouble: string | null = null;
  let acknowledgedAtMs = clock.monotonic();
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let isTold = false;
  return {
    trouble: () => trouble,
    acknowledgedAtMs: () => acknowledgedAtMs,
    acknowledged() {
      acknowledgedAtMs = clock.monotonic();
      trouble = null;
      if (isTold) log.info('Kafka takes events again');
      isTold = false;
    },
    unacknowledged(why, sinceMs = Number.POSITIVE_INFINITY) {
      if (sinceMs <= acknowledgedAtMs) return;
      if (trouble === null && clock.monotonic() - toldAtMs >= QUIET_MS) {
        log.warn({ why }, 'Kafka does not take events: the spool keeps them');
        toldAtMs = clock.monotonic();
        isTold = true;
      }
      trouble = why;
    },
  };
}
