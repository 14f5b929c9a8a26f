import {
  endsOf,
  type Kafka,
  type KafkaRecord,
  type Offsets,
  type RecordPosition,
  withAdmin,
} from '@whatsapp-stream/kafka';
import { openReading } from '../topic-reading.ts';

/** Something that names where its record stands. */
interface Placed {
  readonly place: RecordPosition;
}

/** What stands at the place of a target; null where nothing does any more. */
export interface Found<T> {
  readonly target: T;
  readonly record: KafkaRecord | null;
}

export interface PlacesOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly stop: AbortSignal;
  /** How much is held at a time, more or less. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 32 * 1_024 * 1_024;
/** What a record costs beside its value. */
const OVERHEAD_BYTES = 512;

/**
 * Reads single records of one topic: all partitions together, by one reader, and no more at a time than fits into
 * memory. Ends early when `stop` is aborted.
 * @throws when the topic does not exist or Kafka goes away
 */
export async function* readPlaces<T extends Placed>(
  options: PlacesOptions,
  targets: readonly T[],
): AsyncGenerator<readonly Found<T>[]> {
  const { kafka, topic, stop, maxBytes = MAX_BYTES } = options;
  const ranges = await withAdmin(kafka, (admin) => admin.offsets(topic));
  const isThere = ({ place: { partition, offset } }: T) => {
    const range = ranges.get(partition);
    return range !== undefined && offset >= range.low && offset < range.high;
  };
  const gone = targets.filter((target) => !isThere(target));
  if (gone.length > 0) yield gone.map((target) => ({ target, record: null }));

  // A partition of which nothing is wanted would be read from its oldest record, if nothing else was said.
  const ends = endsOf(ranges);
  let left: readonly T[] = targets.filter(isThere);
  while (left.length > 0 && !stop.aborted) {
    const search = createSearch(left, maxBytes);
    const reading = await openReading(kafka, topic, new Map([...ends, ...search.starts]), search.take);
    try {
      await reading.reach(search.ends, AbortSignal.any([stop, search.full]));
    } finally {
      await reading.close();
    }
    if (stop.aborted) return;
    left = search.full.aborted ? search.left() : [];
    // Where everything was passed, what was not met was deleted meanwhile.
    const passed = search.full.aborted ? [] : search.left().map((target) => ({ target, record: null }));
    yield [...search.found, ...passed];
  }
}

interface Search<T> {
  /** The first and the next offset that matter of each partition. */
  readonly starts: Offsets;
  readonly ends: Offsets;
  readonly found: readonly Found<T>[];
  /** Aborted when there is enough of them for a while; from then on nothing is taken. */
  readonly full: AbortSignal;
  take(records: readonly KafkaRecord[]): void;
  left(): readonly T[];
}

/** Picks what is wanted out of the records that come by. */
function createSearch<T extends Placed>(targets: readonly T[], maxBytes: number): Search<T> {
  const found: Found<T>[] = [];
  const full = new AbortController();
  let bytes = 0;
  /** The next one of each partition is its last: so it can be taken away. */
  const pending = Map.groupBy(
    targets.toSorted((a, b) => b.place.offset - a.place.offset),
    ({ place }) => place.partition,
  );
  const offsets = [...pending].map(([partition, list]) => ({
    partition,
    at: list.map((one) => one.place.offset),
  }));

  function takeOne(record: KafkaRecord): void {
    const ofPartition = pending.get(record.partition);
    for (let next = ofPartition?.at(-1); next && !full.signal.aborted; next = ofPartition?.at(-1)) {
      if (next.place.offset > record.offset) return;
      ofPartition?.pop();
      const own = next.place.offset === record.offset ? ownCopy(record) : null;
      found.push({ target: next, record: own });
      bytes += OVERHEAD_BYTES + (own?.value?.length ?? 0);
      if (bytes >= maxBytes) full.abort();
    }
  }

  return {
    starts: new Map(offsets.map(({ partition, at }) => [partition, at.at(-1) ?? 0])),
    ends: new Map(offsets.map(({ partition, at }) => [partition, (at[0] ?? 0) + 1])),
    found,
    full: full.signal,
    take: (records) => records.forEach(takeOne),
    left: () => [...pending.values()].flat(),
  };
}

/** What was fetched together lies in one piece of memory, which a part of it would keep whole. */
function ownCopy(record: KafkaRecord): KafkaRecord {
  const { key, value } = record;
  return { ...record, key: key && Buffer.from(key), value: value && Buffer.from(value) };
}
