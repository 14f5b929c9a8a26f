import { setTimeout as sleep } from 'node:timers/promises';
import { readStatus } from '@whatsapp-stream/client';
import type { Kafka } from '@whatsapp-stream/kafka';
import { type SchemaRegistry, STATUSES, type StatusEvent, type TopicNames } from '@whatsapp-stream/schemas';
import type { Published } from './load.ts';

export interface SettledOptions {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly names: TopicNames;
  readonly published: Published;
  readonly say: (line: string) => void;
}

/** Longer than any message waits for word or for its next attempt when all is well. */
export const NO_PROGRESS_MS = 75_000;
const AT_MOST_MS = 600_000;
const LOOK_EVERY_MS = 250;
const SAY_EVERY_MS = 10_000;
const SHOWN = 10;

/**
 * Waits until every message has a settling event or lies among the dead letters, and every record that is no
 * message lies there; or until nothing has been settled for long.
 * @returns what is missing then: ids of messages, and keys of other records, each with the events that there are of it
 */
export async function untilSettled(
  options: SettledOptions,
): Promise<ReadonlyMap<string, readonly StatusEvent[]>> {
  const { kafka, registry, names, published, say } = options;
  const events = new Map<string, StatusEvent[]>();
  const missing = new Set([...published.messageIds, ...published.garbageKeys]);
  const failure = Promise.withResolvers<never>();
  await using reading = new AsyncDisposableStack();
  const statuses = await readStatus({
    kafka,
    registry,
    topic: names.status,
    from: 'beginning',
    onEvent(event) {
      const { status, message_id: id } = event;
      if (id === null) return;
      if (STATUSES[status].settling) missing.delete(id);
      const before = events.get(id);
      if (before) before.push(event);
      else events.set(id, [event]);
    },
  });
  reading.defer(() => statuses.close());
  const deadLetters = await kafka.readTopic(names.deadLetter, 'beginning', {
    records: (records) => {
      for (const { key } of records) missing.delete(String(key));
    },
    failed: failure.reject,
  });
  reading.defer(() => deadLetters.close());

  async function wait(): Promise<void> {
    const deadline = performance.now() + AT_MOST_MS;
    let progress = { size: missing.size, at: performance.now() };
    let saidAt = performance.now();
    while (missing.size > 0 && performance.now() < deadline) {
      await sleep(LOOK_EVERY_MS);
      const now = performance.now();
      if (missing.size < progress.size) progress = { size: missing.size, at: now };
      if (now - progress.at > NO_PROGRESS_MS) return;
      if (now - saidAt < SAY_EVERY_MS) continue;
      saidAt = now;
      say(`${missing.size} messages are not settled yet`);
    }
  }
  await Promise.race([wait(), statuses.failed, failure.promise]);
  return new Map([...missing].map((id) => [id, events.get(id) ?? []]));
}

/** What is missing as a line for people; message ids are made up here and tell nothing of a person. */
export function describeMissing(missing: ReadonlyMap<string, readonly StatusEvent[]>): string {
  const ids = [...missing.keys()].slice(0, SHOWN).join(', ');
  return `${missing.size} not settled in time: ${ids}${missing.size > SHOWN ? ', …' : ''}`;
}
