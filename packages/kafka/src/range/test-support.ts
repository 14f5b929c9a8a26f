/** Batches of records as a broker has them, also such as only compaction and transactions leave. */
import { createGrowingBytes } from '../growing-bytes.ts';

export interface BatchOf {
  /** Those of the records that are left. */
  readonly offsets: readonly number[];
  /** Of the batch as it was written; the first of `offsets` unless told. */
  readonly first?: number;
  readonly last?: number;
  readonly producerId?: number;
  readonly transactional?: boolean;
  /** A control batch, which holds one marker. */
  readonly marker?: 'abort' | 'commit';
  readonly magic?: number;
}

const MARKERS = { abort: 0, commit: 1 } as const;

/** Each record has its offset as key, a value and the header `h`, and is as many ms old as its offset says. */
export function batchBytes({ offsets, marker, ...more }: BatchOf): Buffer {
  const first = more.first ?? offsets[0] ?? 0;
  const to = createGrowingBytes();
  to.int64(first);
  to.int32(0);
  to.int32(0);
  to.int8(more.magic ?? 2);
  to.int32(0);
  to.int16((more.transactional === true || marker ? 0x10 : 0) | (marker ? 0x20 : 0));
  to.int32((more.last ?? offsets.at(-1) ?? first) - first);
  to.int64(1_000);
  to.int64(9_000);
  to.int64(more.producerId ?? -1);
  to.int16(0);
  to.int32(0);
  to.int32(offsets.length);
  for (const offset of offsets) {
    const start = to.size();
    to.int8(0);
    to.varInt(offset);
    to.varInt(offset - first);
    to.part(marker ? Buffer.from([0, 0, 0, MARKERS[marker]]) : String(offset));
    to.part('value');
    to.varInt(1);
    to.part('h');
    to.part(String(offset));
    to.insertLength(start);
  }
  to.setInt32(8, to.size() - 12);
  return Buffer.from(to.view());
}
