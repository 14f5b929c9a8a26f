import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { Column } from '../rows/column.ts';
import { csvLines } from '../rows/csv.ts';
import { ndjsonLines } from '../rows/ndjson.ts';
import { createLineSink } from './line-sink.ts';
import type { Target } from './protocol.ts';

/** Where the events of a thread go. */
export interface Sink<E> {
  add(event: E, record: KafkaRecord): void;
  /** To be awaited now and then: holds up whoever is faster than the output. */
  room(): Promise<void>;
  taken(bytes: Uint8Array<ArrayBuffer>): void;
  /** After the last event. */
  finish(): Promise<void>;
  /** Whether it was finished or not. */
  close(): void;
}

const nothing = () => undefined;

/** @param hand is given lines, where the target wants lines */
export async function createSink<E>(
  target: Target,
  columns: readonly Column<E>[],
  hand: (bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<Sink<E>> {
  if (target.kind === 'lines') {
    const lineOf = target.format === 'csv' ? csvLines(columns) : ndjsonLines(columns);
    const { flush, ...lines } = createLineSink(lineOf, hand);
    return { ...lines, finish: async () => flush(), close: nothing };
  }
  // DuckDB takes its share of memory in each thread that loads it, and lines need none of it.
  const { createPartFiles } = await import('../parquet/part-files.ts');
  const parts = await createPartFiles(target.folder, target.name, columns);
  return {
    add: parts.add,
    room: async () => {
      if (parts.isFull()) await parts.flush();
    },
    taken: nothing,
    finish: parts.flush,
    close: parts.close,
  };
}
