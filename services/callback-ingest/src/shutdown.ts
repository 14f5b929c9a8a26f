import type { Clock, Logger } from '@whatsapp-stream/service-kit';
import { within } from './within.ts';

/** How to close one thing that was opened. */
export interface Closer {
  readonly name: string;
  readonly close: () => Promise<unknown>;
  /** When `close` has taken that long it is left alone. All of them must fit the 15 s that a service has. */
  readonly withinMs: number;
  /** Ends it without peace when `close` takes too long or fails. */
  readonly force?: () => void;
}

/** Closes in reverse what was opened, none of it for longer than its share of the time to stop. */
export interface Shutdown {
  /** Aborted as soon as the stop has begun. */
  readonly signal: AbortSignal;
  add(closer: Closer): void;
  /** Never rejects; called again, it is the same stop. */
  run(): Promise<void>;
}

export function createShutdown(clock: Clock, log: Pick<Logger, 'warn'>): Shutdown {
  const controller = new AbortController();
  const closers: Closer[] = [];
  let running: Promise<void> | undefined;

  async function stop(): Promise<void> {
    controller.abort();
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      const ended = await within(closer.close(), closer.withinMs, clock);
      if (ended.kind === 'done') continue;
      log.warn(
        { what: closer.name, ...(ended.kind === 'failed' ? { err: ended.error } : {}) },
        'closed by force',
      );
      closer.force?.();
    }
  }

  return {
    signal: controller.signal,
    add: (closer) => void closers.push(closer),
    run() {
      running ??= stop();
      return running;
    },
  };
}
