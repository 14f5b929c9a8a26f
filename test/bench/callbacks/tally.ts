import { setTimeout as sleep } from 'node:timers/promises';
import { endsOf, type Kafka, withAdmin } from '@whatsapp-stream/kafka';
import { createDecoder, type SchemaRegistry, type StatusEvent } from '@whatsapp-stream/schemas';

/** A place in a topic: the next offset of each partition. */
export type Mark = ReadonlyMap<number, number>;

/** What the topic holds of one load's callbacks. */
export interface Tally {
  readonly records: number;
  /** Different `event_id`s: what is above in `records` is there twice. */
  readonly distinct: number;
  /** When the broker appended each record, ms since its epoch. */
  readonly appendedMs: readonly number[];
}

/** By load: the part of the session id before its first hyphen. */
export type Tallies = ReadonlyMap<string, Tally>;

export const NOTHING: Tally = { records: 0, distinct: 0, appendedMs: [] };

const LOOK_EVERY_MS = 50;

/** Where the topic ends now. */
export async function markOf(kafka: Kafka, topic: string): Promise<Mark> {
  return withAdmin(kafka, async (admin) => endsOf(await admin.offsets(topic)));
}

/** How many records lie between two places of a topic. */
export function countBetween(from: Mark, to: Mark): number {
  return [...to].reduce((sum, [partition, offset]) => sum + offset - (from.get(partition) ?? 0), 0);
}

/**
 * Reads a status topic from a mark to its end as it is now.
 * @throws when it cannot be read, or holds what is no status event
 */
export async function tallySince(
  kafka: Kafka,
  registry: SchemaRegistry,
  topic: string,
  since: Mark,
): Promise<Tallies> {
  const end = await markOf(kafka, topic);
  if (countBetween(since, end) === 0) return new Map();
  const decoder = createDecoder(registry, 'StatusEvent');
  const counting = createCounting();
  const decoding: Promise<void>[] = [];
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const reader = await kafka.readTopic(topic, since, {
    records(records) {
      for (const { value, timestamp } of records) {
        const take = (decoded: Awaited<ReturnType<typeof decoder.decode>>) => {
          if (decoded.ok) counting.add(decoded.value, timestamp);
          else broken.reject(new Error(`no status event: ${decoded.code}`));
        };
        const decoded = decoder.decode(value);
        if (decoded instanceof Promise) decoding.push(decoded.then(take));
        else take(decoded);
      }
    },
    failed: broken.reject,
  });
  try {
    await Promise.race([broken.promise, readTo(end, () => reader.positions())]);
    await Promise.all(decoding);
  } finally {
    await reader.close();
  }
  return counting.tallies();
}

async function readTo(end: Mark, positions: () => Mark): Promise<void> {
  const isRead = () => [...end].every(([partition, offset]) => (positions().get(partition) ?? 0) >= offset);
  while (!isRead()) await sleep(LOOK_EVERY_MS);
}

function createCounting() {
  const loads = new Map<string, { readonly ids: Set<string>; readonly appendedMs: number[] }>();
  return {
    add({ event_id, session_id }: StatusEvent, appendedMs: number): void {
      const run = session_id?.split('-', 1)[0] ?? '';
      const load = loads.get(run) ?? { ids: new Set(), appendedMs: [] };
      loads.set(run, load);
      load.ids.add(event_id);
      load.appendedMs.push(appendedMs);
    },
    tallies: (): Tallies =>
      new Map(
        [...loads].map(([run, { ids, appendedMs }]) => [
          run,
          { records: appendedMs.length, distinct: ids.size, appendedMs },
        ]),
      ),
  };
}
