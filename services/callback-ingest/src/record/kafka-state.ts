import type { Logger } from '@whatsapp-stream/service-kit';

/** Whether Kafka takes our events, as far as is known. */
export interface KafkaState {
  /** Why it does not, for people; null while it does. */
  trouble(): string | null;
  acknowledged(): void;
  /** @param why for people */
  unacknowledged(why: string): void;
}

/** Logs one line when trouble starts and one when it is over, however many callbacks it meets. */
export function createKafkaState(log: Pick<Logger, 'info' | 'warn'>): KafkaState {
  let trouble: string | null = null;
  return {
    trouble: () => trouble,
    acknowledged() {
      if (trouble === null) return;
      trouble = null;
      log.info('Kafka takes events again');
    },
    unacknowledged(why) {
      if (trouble === null) log.warn({ why }, 'Kafka does not take events: the spool keeps them');
      trouble = why;
    },
  };
}
