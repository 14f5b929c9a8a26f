import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { SignedCallback } from './callbacks.ts';

/** One callback that was made, and what came of it. Times are ms since the epoch. */
export interface Call {
  readonly callback: SignedCallback;
  readonly sentAtMs: number;
  /** null when no answer came: whether it was taken is not known. */
  readonly status: number | null;
  readonly retryAfter: string | null;
  readonly endedAtMs: number;
}

/** Verihubs as callback-ingest meets it, which never calls again; it remembers what it was answered. */
export interface Caller {
  /** Never rejects. */
  call(callback: SignedCallback): Promise<Call>;
  /** Every call that has ended, by the `event_id` that it must have become. */
  readonly calls: ReadonlyMap<string, Call>;
  close(): Promise<void>;
}

/** What may pass until an answer begins: time-outs of Kafka and of the disk, and some. */
const ANSWER_WITHIN_MS = 15_000;

/**
 * @param connections to the public port, at most
 * @param calls shared by callers whose calls are judged together
 */
export function createCaller(
  origin: string,
  connections: number,
  calls: Map<string, Call> = new Map(),
): Caller {
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
  });

  async function ask(path: string): Promise<Pick<Call, 'status' | 'retryAfter'>> {
    try {
      const { statusCode, headers, body } = await pool.request({ path, method: 'GET' });
      await body.dump();
      const retryAfter = headers['retry-after'];
      return { status: statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : null };
    } catch {
      return { status: null, retryAfter: null };
    }
  }

  return {
    calls,
    async call(callback) {
      const sentAtMs = Date.now();
      const answer = await ask(callback.path);
      const call = { callback, sentAtMs, ...answer, endedAtMs: Date.now() };
      calls.set(callback.eventId, call);
      return call;
    },
    close: () => pool.destroy(),
  };
}

export interface LoadOptions {
  readonly caller: Caller;
  readonly next: () => SignedCallback;
  /** Callbacks a second, on average. */
  readonly perSecond: number;
  /** At a time; beyond, none is made, as one who has so many connections only. */
  readonly maxUnderWay: number;
}

const TICK_MS = 10;

/** Makes callbacks until it is stopped. While nobody answers, only a few knock. @returns what stops it */
export function startLoad({ caller, next, perSecond, maxUnderWay }: LoadOptions): () => Promise<void> {
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  let lastAnswered = true;
  let last = performance.now();
  let due = 0;

  async function one(): Promise<void> {
    lastAnswered = (await caller.call(next())).status !== null;
  }

  function make(): void {
    const now = performance.now();
    due += ((now - last) * perSecond) / 1_000;
    last = now;
    const room = lastAnswered ? maxUnderWay - underWay.size : 1;
    const count = Math.min(Math.floor(due), room);
    due = Math.min(due - Math.max(0, count), maxUnderWay);
    for (let i = 0; i < count; i++) {
      const call = one().finally(() => underWay.delete(call));
      underWay.add(call);
    }
  }

  async function live(): Promise<void> {
    while (!stopped) {
      make();
      await pause(TICK_MS);
    }
    await Promise.all(underWay);
  }

  const over = live();
  return () => {
    stopped = true;
    return over;
  };
}
