import { type Clock, type Health, type Logger, sleep } from '@whatsapp-stream/service-kit';

/** Knows whether Kafka takes our events: by the writes themselves, and by asking where there are none. */
export interface KafkaWatch {
  acknowledged(): void;
  /** @param why for people */
  unacknowledged(why: string): void;
  health(): Health;
  /** Asks Kafka from time to time until `signal` is aborted. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface KafkaWatchOptions {
  readonly ping: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly intervalMs?: number;
}

/** Logs one line when trouble starts and one when it is over, however many callbacks it meets. */
export function createKafkaWatch(options: KafkaWatchOptions): KafkaWatch {
  const { ping, clock, log, intervalMs = 5_000 } = options;
  let trouble: string | undefined;

  function acknowledged(): void {
    if (trouble === undefined) return;
    trouble = undefined;
    log.info('Kafka answers again');
  }

  function unacknowledged(why: string): void {
    if (trouble === undefined) {
      log.warn({ why }, 'Kafka does not take events: callbacks are answered 503');
    }
    trouble = why;
  }

  return {
    acknowledged,
    unacknowledged,
    health: () => (trouble === undefined ? { ok: true } : { ok: false, problems: [`Kafka: ${trouble}`] }),
    async run(signal) {
      for (;;) {
        await sleep(clock, intervalMs, signal);
        if (signal.aborted) return;
        await ping().then(acknowledged, (error: unknown) =>
          unacknowledged(error instanceof Error ? error.message : String(error)),
        );
      }
    },
  };
}
