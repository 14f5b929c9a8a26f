/**
 * A batch of records as it lies in the log, by its header alone; its records are read when they are wanted. See
 * https://kafka.apache.org/documentation/#recordbatch
 */
export interface RecordBatch {
  readonly firstOffset: number;
  /** The offset after the last one that the batch was written with; compaction may have taken that record out. */
  readonly nextOffset: number;
  /** By kafkajs' and Kafka's number; 0 for none. */
  readonly codec: number;
  readonly isBrokersTime: boolean;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** ms since the epoch. */
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly count: number;
  /** What follows the header; compressed where a codec is told. */
  readonly body: Buffer;
}

const AT_LENGTH = 8;
/** What the length counts begins here. */
const AT_EPOCH = 12;
const AT_MAGIC = 16;
const AT_ATTRIBUTES = 21;
const AT_LAST_OFFSET_DELTA = 23;
const AT_FIRST_TIMESTAMP = 27;
const AT_MAX_TIMESTAMP = 35;
const AT_PRODUCER_ID = 43;
const AT_COUNT = 57;
const HEADER_BYTES = 61;

const MAGIC = 2;
const CODEC_BITS = 0x07;
const BROKERS_TIME_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;

/**
 * The batches of a fetched partition. The last one can be cut off by the size of the answer, and is left out then.
 * @throws for a log in the format of before Kafka 0.11
 */
export function batchesIn(bytes: Buffer): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + AT_EPOCH + bytes.readInt32BE(at + AT_LENGTH);
    if (end > bytes.length) break;
    batches.push(readBatch(bytes, at, end));
    at = end;
  }
  return batches;
}

function readBatch(bytes: Buffer, at: number, end: number): RecordBatch {
  const magic = bytes.readInt8(at + AT_MAGIC);
  if (magic !== MAGIC) throw new Error(`a batch of records of version ${magic}, which is not known here`);
  const firstOffset = readInt64(bytes, at);
  const attributes = bytes.readInt16BE(at + AT_ATTRIBUTES);
  return {
    firstOffset,
    nextOffset: firstOffset + bytes.readInt32BE(at + AT_LAST_OFFSET_DELTA) + 1,
    codec: attributes & CODEC_BITS,
    isBrokersTime: (attributes & BROKERS_TIME_BIT) !== 0,
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
    firstTimestamp: readInt64(bytes, at + AT_FIRST_TIMESTAMP),
    maxTimestamp: readInt64(bytes, at + AT_MAX_TIMESTAMP),
    producerId: readInt64(bytes, at + AT_PRODUCER_ID),
    count: bytes.readInt32BE(at + AT_COUNT),
    body: bytes.subarray(at + HEADER_BYTES, end),
  };
}

/** Exact below 2^53. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
