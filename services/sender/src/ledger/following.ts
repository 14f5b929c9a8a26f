import { type Clock, type Logger, sleep } from '@whatsapp-stream/service-kit';
import { type Follower, type FollowerOptions, followStatusLog } from './follower.ts';
import { isAtOrBefore, type LogPositions, lowestOf } from './log-positions.ts';

/** The one follower of the log that a process has; it can be begun again further back. */
export interface Following {
  /** The next position of each partition; nothing while none follows. */
  positions(): LogPositions;
  /** Where the follower began; nothing while none follows. */
  from(): LogPositions;
  /** Whether the follower began at or before all of these. */
  covers(needed: LogPositions): boolean;
  /**
   * Ends the follower if there is one, and begins another there, or where the last one had come to if that is
   * further back. Goes on until it has succeeded or all is closed.
   * @returns where it began
   */
  begin(whereFrom: () => Promise<LogPositions>): Promise<LogPositions | null>;
  /** Resolves when everything below `ends` was learnt, or `over` is aborted. */
  reach(ends: LogPositions, over: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export type FollowingOptions = Omit<FollowerOptions, 'from'>;

const RETRY_MS = 1_000;

export function createFollowing(options: FollowingOptions): Following {
  const { clock, log } = options;
  const closed = new AbortController();
  let now: { readonly follower: Follower; readonly from: LogPositions } | undefined;
  /** Where the last one had come to: what it has not read, the next one must. */
  let leftAt: LogPositions | undefined;
  let begun: Promise<unknown> = Promise.resolve();

  async function endFollower(): Promise<void> {
    if (!now) return;
    const { follower } = now;
    leftAt = follower.positions();
    now = undefined;
    // What it could not close ends with the process.
    await follower.close().catch((error) => log.warn({ err: error }, 'a reader did not close'));
  }

  async function beginOnce(whereFrom: () => Promise<LogPositions>): Promise<LogPositions> {
    const wanted = await whereFrom();
    const from = leftAt ? lowestOf([wanted, leftAt]) : wanted;
    now = { follower: await followStatusLog({ ...options, from }), from };
    return from;
  }

  return {
    positions: () => now?.follower.positions() ?? new Map(),
    from: () => now?.from ?? new Map(),
    covers: (needed) => now !== undefined && isAtOrBefore(now.from, needed),
    begin(whereFrom) {
      const beginning = begun.then(async () => {
        await endFollower();
        return persist('the status log cannot be followed', { clock, log }, closed.signal, () =>
          beginOnce(whereFrom),
        );
      });
      begun = beginning;
      return beginning;
    },
    async reach(ends, over) {
      while (!over.aborted && !closed.signal.aborted) {
        await unless(over, begun);
        if (await now?.follower.reach(ends, over)) return;
      }
    },
    async close() {
      closed.abort();
      await begun;
      await endFollower();
    },
  };
}

/** Tries until it succeeds, and says why not. @returns null when `over` is aborted first */
export async function persist<T>(
  what: string,
  { clock, log }: { readonly clock: Clock; readonly log: Pick<Logger, 'warn'> },
  over: AbortSignal,
  work: () => Promise<T>,
): Promise<T | null> {
  while (!over.aborted) {
    try {
      return await work();
    } catch (error) {
      log.warn({ err: error }, `${what}, trying again`);
      await sleep(clock, RETRY_MS, over);
    }
  }
  return null;
}

/** Resolves with the work, or as soon as `over` is aborted. */
export function unless(over: AbortSignal, work: Promise<unknown>): Promise<unknown> {
  if (over.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  over.addEventListener('abort', end, { once: true });
  return Promise.race([work, promise]).finally(() => over.removeEventListener('abort', end));
}
