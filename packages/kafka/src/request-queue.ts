import { createRequire } from 'node:module';

interface Request {
  readonly sentAt: number;
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

interface RequestQueue {
  readonly enforceRequestTimeout: boolean;
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<number, Request>;
  requestTimeoutIntervalId?: NodeJS.Timeout;
  isConnected(): boolean;
  destroy(): void;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
}

const TIMEOUT_CHECK_MS = 1_000;

function prototypeOfQueue(): RequestQueue {
  const require = createRequire(import.meta.url);
  return (require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }).prototype;
}

/**
 * kafkajs 2.2.4 re-arms a timer after every request even when nothing is pending; with no throttling in
 * force its delay is negative, which Node makes 1 ms (and warns of), so each idle connection wakes a
 * thousand times a second (kafkajs issue 1751). A check is only of use while something is pending: both
 * places that leave something pending schedule one.
 */
export function stopIdleRequestQueueTimers(): void {
  const prototype = prototypeOfQueue();
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleOnlyWhilePending(this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}

/**
 * kafkajs 2.2.4 looks every 100 ms, for each connection, whether a request has taken longer than its time-out. Ours
 * are of seconds, and a process that stands by has half a dozen connections: these looks are most of what it costs.
 */
export function checkRequestTimeoutsOnceASecond(): void {
  prototypeOfQueue().scheduleRequestTimeoutCheck = function checkOnceASecond(this: RequestQueue) {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(() => {
      for (const request of [...this.inflight.values()]) {
        if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    }, TIMEOUT_CHECK_MS);
  };
}
