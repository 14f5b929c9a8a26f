import { sizeOf } from './appender.ts';
import type { NewRecord } from './port.ts';

/** What the key, the headers and the framing of a record may take beside its value, where no header is large. */
const RECORD_OVERHEAD_BYTES = 512;

/**
 * Cuts records into batches of at most `maxBytes` and `maxRecords`, in order. A record that is larger stands alone:
 * whether it is too large is for the broker to say.
 */
export function* inBatches<R extends NewRecord>(
  records: readonly R[],
  maxBytes: number,
  maxRecords: number = Number.POSITIVE_INFINITY,
): Generator<R[]> {
  let batch: R[] = [];
  let bytes = 0;
  for (const record of records) {
    // Baggage alone can be 8 kB.
    const size = Math.max((record.value?.byteLength ?? 0) + RECORD_OVERHEAD_BYTES, sizeOf(record));
    if (batch.length === maxRecords || (batch.length > 0 && bytes + size > maxBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
