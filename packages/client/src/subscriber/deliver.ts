import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { type BackOff, pauseAfter } from './back-off.ts';
import type { Delivery, Handler, RunEvents, SubscriberHooks } from './port.ts';

export interface Delivering<T> {
  readonly handler: Handler<T>;
  readonly acknowledge: NonNullable<RunEvents['acknowledge']>;
  readonly backOff: BackOff;
  readonly onError: SubscriberHooks['onError'];
  /** The handler threw. */
  readonly failed: () => void;
}

/** How long one delivery lasts. */
export interface Span {
  /** The partition is no longer ours. */
  readonly over: AbortSignal;
  /** Nothing more is begun: not even another attempt. */
  readonly halted: AbortSignal;
}

/**
 * Calls the handler until it does not throw, or it is over. Resolves when it is the turn of the next event.
 * @param done is called once, when it is acknowledged
 */
export async function deliver<T>(
  what: T,
  record: KafkaRecord,
  { handler, acknowledge, backOff, onError, failed }: Delivering<T>,
  span: Span,
  done: () => void,
): Promise<void> {
  let isDone = false;
  function ack(): void {
    if (isDone) return;
    isDone = true;
    done();
  }
  const { topic, partition, offset, timestamp } = record;
  for (let attempt = 1; !span.halted.aborted; attempt++) {
    const delivery: Delivery = { topic, partition, offset, timestamp, attempt, signal: span.over, ack };
    const thrown = await thrownBy(handler, what, delivery);
    if (thrown === undefined) {
      if (acknowledge === 'on-return') ack();
      return;
    }
    failed();
    const again = !isDone && !span.over.aborted;
    const retryInMs = again ? pauseAfter(attempt, backOff) : null;
    onError?.(thrown.error, { delivery, retryInMs });
    if (retryInMs === null) return;
    await sleep(retryInMs, undefined, { signal: span.halted }).catch(() => undefined);
  }
}

async function thrownBy<T>(
  handler: Handler<T>,
  what: T,
  delivery: Delivery,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    await handler(what, delivery);
    return undefined;
  } catch (error) {
    return { error };
  }
}
