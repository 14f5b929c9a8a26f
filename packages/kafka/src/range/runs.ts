import { CompressionCodecs } from '../client-library.ts';
import type { KafkaRecord, OffsetGap } from '../port.ts';
import type { AbortedTransaction } from './fetch-answer.ts';
import type { RecordBatch } from './record-batch.ts';
import { isAbortMarker, type Part, readingOf, readRecords } from './records.ts';

/**
 * Records that are handed over together, at most. A compressed batch can hold ten thousands, and what is many and lives
 * until it is used costs the collector of garbage more than the reading: with 2,000, a replay took a fifth more time.
 */
const RUN_RECORDS = 200;

/** What was fetched of a part of a partition: all that the log has of it. */
export interface FetchedPart extends Part {
  readonly batches: readonly RecordBatch[];
  readonly aborted: readonly AbortedTransaction[];
}

/**
 * Reads the records of a part, in runs of consecutive ones. Every offset of the part is in a run or in a gap, which is
 * told before what follows it: control records, those of aborted transactions, and what compaction took out.
 */
export async function* runsOf(
  part: FetchedPart,
  gap: (gap: OffsetGap) => void,
): AsyncGenerator<readonly KafkaRecord[], void, void> {
  const { topic, partition } = part;
  const isAborted = createAbortedFilter(part.aborted);
  let run: KafkaRecord[] = [];
  let next = part.from;

  function* handOver(): Generator<readonly KafkaRecord[]> {
    if (run.length > 0) yield run;
    run = [];
  }

  function* passTo(offset: number): Generator<readonly KafkaRecord[]> {
    if (offset <= next) return;
    yield* handOver();
    gap({ topic, partition, from: next, to: offset, cause: 'filtered' });
    next = offset;
  }

  for (const batch of part.batches) {
    if (isAborted(batch) || batch.isControl || batch.nextOffset <= part.from) continue;
    if (batch.firstOffset >= part.to) break;
    const reading = readingOf(batch, await bodyOf(batch));
    for (let isMore = true; isMore; ) {
      const known = run.length;
      isMore = readRecords(reading, part, run, RUN_RECORDS);
      if (isConsecutive(run, known, next)) {
        next += run.length - known;
      } else {
        for (const record of run.splice(known)) {
          yield* passTo(record.offset);
          run.push(record);
          next = record.offset + 1;
        }
      }
      if (run.length >= RUN_RECORDS) yield* handOver();
    }
  }
  yield* passTo(part.to);
  yield* handOver();
}

/** Whether the records of a run from `start` on have the offsets from `next` on; they rise within a batch. */
function isConsecutive(run: readonly KafkaRecord[], start: number, next: number): boolean {
  const last = run.at(-1);
  return start === run.length || last?.offset === next + run.length - start - 1;
}

type Codec = () => { decompress(bytes: Buffer): Promise<Buffer> };

function bodyOf(batch: RecordBatch): Buffer | Promise<Buffer> {
  if (batch.codec === 0) return batch.body;
  const codecs: Readonly<Record<number, Codec | undefined>> = CompressionCodecs;
  const codec = codecs[batch.codec];
  if (!codec) throw new Error(`a batch of records is compressed by an unknown codec, ${batch.codec}`);
  return codec().decompress(batch.body);
}

/** To be asked of each batch in turn. See Kafka's own consumer, `CompletedFetch.nextFetchedRecord`. */
function createAbortedFilter(transactions: readonly AbortedTransaction[]): (batch: RecordBatch) => boolean {
  const open = new Set<number>();
  let begun = 0;
  return (batch) => {
    for (; (transactions[begun]?.firstOffset ?? Number.POSITIVE_INFINITY) < batch.nextOffset; begun++) {
      const transaction = transactions[begun];
      if (transaction) open.add(transaction.producerId);
    }
    if (batch.isControl) {
      if (open.has(batch.producerId) && isAbortMarker(batch)) open.delete(batch.producerId);
      return false;
    }
    return batch.isTransactional && open.has(batch.producerId);
  };
}
