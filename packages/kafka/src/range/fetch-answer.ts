import { readInt64 } from './record-batch.ts';

/** A transaction that was taken back: records of its producer from an offset on, up to the marker of its end. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** What a broker gave of one partition. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's number; 0 for none. */
  readonly errorCode: number;
  /** The first offset that a reader of committed records cannot have yet. */
  readonly lastStableOffset: number;
  /** By their offsets. */
  readonly aborted: readonly AbortedTransaction[];
  /** Batches of records, as they lie in the log. */
  readonly records: Buffer;
}

export interface FetchAnswer {
  /** The broker asks for a pause of so many ms, and may have left all partitions out. */
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

/** @param bytes Kafka's answer to a Fetch of version 11, without its head; nothing of the records is read yet */
export function readFetchAnswer(bytes: Buffer): FetchAnswer {
  const read = createFields(bytes);
  const throttleMs = read.int32();
  const errorCode = read.int16();
  read.int32(); // session id
  const partitions = read.array(() => {
    const topic = read.bytes(read.int16()).toString();
    return read.array(() => readPartition(read, topic));
  });
  return { throttleMs, errorCode, partitions: partitions.flat() };
}

function readPartition(read: Fields, topic: string): FetchedPartition {
  const partition = read.int32();
  const errorCode = read.int16();
  read.int64(); // high watermark
  const lastStableOffset = read.int64();
  read.int64(); // log start offset
  const aborted = read.array(() => ({ producerId: read.int64(), firstOffset: read.int64() }));
  read.int32(); // preferred read replica
  const records = read.bytes(read.int32());
  aborted.sort((a, b) => a.firstOffset - b.firstOffset);
  return { topic, partition, errorCode, lastStableOffset, aborted, records };
}

type Fields = ReturnType<typeof createFields>;

/** Reads one field of Kafka's protocol after another; the length -1 stands for nothing. */
function createFields(from: Buffer) {
  let at = 0;
  const pass = (length: number) => {
    at += length;
    return at - length;
  };
  const int32 = () => from.readInt32BE(pass(4));
  return {
    int16: () => from.readInt16BE(pass(2)),
    int32,
    int64: () => readInt64(from, pass(8)),
    bytes(length: number) {
      const start = pass(Math.max(length, 0));
      return from.subarray(start, at);
    },
    array: <T>(read: () => T): T[] => Array.from({ length: Math.max(int32(), 0) }, read),
  };
}
