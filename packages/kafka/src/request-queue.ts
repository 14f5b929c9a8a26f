import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 re-arms a timer after every request even when nothing is pending; with no throttling in
 * force its delay is negative, which Node makes 1 ms (and warns of), so each idle connection wakes a
 * thousand times a second (kafkajs issue 1751). A check is only of use while something is pending: both
 * places that leave something pending schedule one.
 */
export function stopIdleRequestQueueTimers(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleOnlyWhilePending(this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
