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
  /** Something that still opens things: it is given a moment to notice the stop before the closing begins. */
  awaits(opening: Promise<unknown>): void;
  /** Never rejects; called again, it is the same stop. */
  run(): Promise<void>;
}

const OPENING_WITHIN_MS = 2_000;

export function createShutdown(clock: Clock, log: Pick<Logger, 'warn'>): Shutdown {
  const controller = new AbortController();
  const closers: Closer[] = [];
  let opening: Promise<unknown> = Promise.resolve();
  let running: Promise<void> | undefined;

  async function stop(): Promise<void> {
    controller.abort();
    await within(opening, OPENING_WITHIN_MS, clock);
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
    awaits(promise) {
      opening = promise;
    },
    run() {
      running ??= stop();
      return running;
    },
  };
}
