import { createGrowingBytes } from './growing-bytes.ts';
import { libraryModule, replaceLibraryModule } from './library-module.ts';

/** A record as kafkajs hands it over to be written. */
export interface RecordToWrite {
  readonly key?: Buffer | string | null;
  readonly value?: Buffer | string | null;
  readonly headers?: Readonly<Record<string, HeaderValue | HeaderValue[]>>;
  /** ms after the first of the batch. */
  readonly timestampDelta: number;
  readonly offsetDelta: number;
}

type HeaderValue = Buffer | string | null;

/** A batch as kafkajs hands it over. */
export interface BatchToWrite {
  /** The number of a codec; 0 for none. */
  readonly compression: number;
  /** ms since the epoch. */
  readonly firstTimestamp: number | string;
  readonly maxTimestamp: number | string;
  readonly lastOffsetDelta: number;
  readonly transactional: boolean;
  readonly producerId: number | string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly records: readonly RecordToWrite[];
}

/** kafkajs' own, of which a batch is one. */
interface Encoder {
  buf: Buffer;
  offset: number;
}

interface Compression {
  lookupCodec(type: number): { compress(encoder: { readonly buffer: Buffer }): Promise<Buffer> };
}

const MAGIC = 2;
const TRANSACTIONAL = 0x10;
const HEAD_BYTES = 61;
/** The check sum is of all that follows it. */
const CRC_AT = 17;
const CHECKED_FROM = 21;
/** What the length in the head does not count: the first offset and itself. */
const NOT_COUNTED_BYTES = 12;

const record = createGrowingBytes();
const body = createGrowingBytes();

/**
 * kafkajs 2.2.4 writes each header and each record into a cleared buffer of its own, copies it, and counts in BigInts,
 * which is a third of all that a status event costs. Here a batch is written once, to the same bytes. To be called
 * before anything is sent: what makes the requests is loaded with the first one.
 */
export function writeRecordsAtOnce(): void {
  const Encoder = libraryModule<new () => Encoder>('protocol/encoder');
  replaceLibraryModule('protocol/recordBatch/record/v0/index.js', (one: RecordToWrite) => one);
  replaceLibraryModule('protocol/recordBatch/v0/index.js', {
    MAGIC_BYTE: MAGIC,
    async RecordBatch(batch: BatchToWrite): Promise<Encoder> {
      const buf = await encodeBatch(batch);
      return Object.assign(new Encoder(), { buf, offset: buf.length });
    },
  });
}

/** @returns a record batch of version 2 (Kafka's protocol, "Record Batch") */
export async function encodeBatch(batch: BatchToWrite): Promise<Buffer> {
  body.clear();
  for (const one of batch.records) {
    writeRecord(one);
    body.varInt(record.view().length);
    body.bytes(record.view());
  }
  if (batch.compression === 0) return withHead(batch, body.view());
  const { lookupCodec } = libraryModule<Compression>('protocol/message/compression');
  // Another batch is written while this one is compressed.
  const buffer = Buffer.from(body.view());
  return withHead(batch, await lookupCodec(batch.compression).compress({ buffer }));
}

function writeRecord({ key, value, headers, timestampDelta, offsetDelta }: RecordToWrite): void {
  record.clear();
  record.byte(0);
  record.varInt(timestampDelta);
  record.varInt(offsetDelta);
  record.part(key ?? null);
  record.part(value ?? null);
  record.varInt(countOf(headers));
  for (const name in headers) {
    const values = headers[name];
    if (Array.isArray(values)) for (const one of values) writeHeader(name, one);
    else if (values !== undefined) writeHeader(name, values);
  }
}

function countOf(headers: RecordToWrite['headers']): number {
  let count = 0;
  for (const name in headers) {
    const values = headers[name];
    // A header can be repeated.
    if (Array.isArray(values)) count += values.length;
    else if (values !== undefined) count += 1;
  }
  return count;
}

function writeHeader(name: string, value: HeaderValue): void {
  record.part(name);
  record.part(value);
}

function withHead(batch: BatchToWrite, records: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + records.length);
  bytes.writeBigInt64BE(0n, 0);
  bytes.writeInt32BE(bytes.length - NOT_COUNTED_BYTES, 8);
  bytes.writeInt32BE(0, 12);
  bytes.writeInt8(MAGIC, 16);
  bytes.writeInt16BE(batch.compression | (batch.transactional ? TRANSACTIONAL : 0), CHECKED_FROM);
  bytes.writeInt32BE(batch.lastOffsetDelta, 23);
  bytes.writeBigInt64BE(BigInt(batch.firstTimestamp), 27);
  bytes.writeBigInt64BE(BigInt(batch.maxTimestamp), 35);
  bytes.writeBigInt64BE(BigInt(batch.producerId), 43);
  bytes.writeInt16BE(batch.producerEpoch, 51);
  bytes.writeInt32BE(batch.firstSequence, 53);
  bytes.writeInt32BE(batch.records.length, 57);
  bytes.set(records, HEAD_BYTES);
  const crc32C = libraryModule<(bytes: Buffer) => number>('protocol/recordBatch/crc32C');
  bytes.writeUInt32BE(crc32C(bytes.subarray(CHECKED_FROM)), CRC_AT);
  return bytes;
}
