import { crc32C } from './crc32c.ts';
import type { GrowingBytes } from './growing-bytes.ts';

/** A record as kafkajs hands it over to be written. */
export interface RecordToWrite {
  readonly key?: Buffer | string | null;
  readonly value?: Buffer | string | null;
  /** Without those that are undefined. */
  readonly headers?: Readonly<Record<string, HeaderValue | HeaderValue[] | undefined>>;
  /** ms since the epoch, in figures. */
  readonly timestamp?: string | null;
}

type HeaderValue = Buffer | string | null;

/** The records of a partition, and what is said of them all. */
export interface BatchToWrite {
  /** The number of a codec; 0 for none. */
  readonly compression: number;
  readonly transactional: boolean;
  readonly producerId: number | string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly times: BatchTimes;
  readonly records: readonly RecordToWrite[];
}

/** All in ms since the epoch. */
export interface BatchTimes {
  /** Counts for records that have none of their own. */
  readonly now: number;
  readonly first: number;
  readonly last: number;
}

const MAGIC = 2;
const TRANSACTIONAL = 0x10;
/** The length in the head does not count what stands before it, nor itself; the check sum is of all that follows it. */
const COUNTED_FROM = 12;
const CRC_AT = 17;
const CHECKED_FROM = 21;

export function timesOf(records: readonly RecordToWrite[], now: number): BatchTimes {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { timestamp } of records) {
    if (timestamp === undefined || timestamp === null) continue;
    first = Math.min(first, Number(timestamp));
    last = Math.max(last, Number(timestamp));
  }
  return first > last ? { now, first: now, last: now } : { now, first, last };
}

/**
 * Writes a record batch of version 2 (Kafka's protocol, "Record Batch").
 * @param packed its records as they are compressed; they are written as they are where there is none
 */
export function writeBatch(to: GrowingBytes, batch: BatchToWrite, packed: Buffer | undefined): void {
  const start = to.size();
  to.int64(0);
  to.int32(0);
  to.int32(0);
  to.int8(MAGIC);
  to.int32(0);
  to.int16(batch.compression | (batch.transactional ? TRANSACTIONAL : 0));
  to.int32(batch.records.length - 1);
  to.int64(batch.times.first);
  to.int64(batch.times.last);
  to.int64(batch.producerId);
  to.int16(batch.producerEpoch);
  to.int32(batch.firstSequence);
  to.int32(batch.records.length);
  if (packed) to.bytes(packed);
  else writeRecords(to, batch);
  to.setInt32(start + COUNTED_FROM - 4, to.size() - start - COUNTED_FROM);
  to.setInt32(start + CRC_AT, crc32C(to.view(start + CHECKED_FROM)));
}

/** Writes the records of a batch, without its head. */
export function writeRecords(to: GrowingBytes, { records, times }: BatchToWrite): void {
  let offsetDelta = 0;
  for (const { key, value, headers, timestamp } of records) {
    const start = to.size();
    to.int8(0);
    to.varInt(Number(timestamp ?? times.now) - times.first);
    to.varInt(offsetDelta++);
    to.part(key ?? null);
    to.part(value ?? null);
    writeHeaders(to, headers);
    to.insertLength(start);
  }
}

function writeHeaders(to: GrowingBytes, headers: RecordToWrite['headers']): void {
  to.varInt(countOf(headers));
  for (const name in headers) {
    const values = headers[name];
    if (Array.isArray(values)) for (const one of values) writeHeader(to, name, one);
    else if (values !== undefined) writeHeader(to, name, values);
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

function writeHeader(to: GrowingBytes, name: string, value: HeaderValue): void {
  to.part(name);
  to.part(value);
}
