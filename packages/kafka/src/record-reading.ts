import { replaceLibraryModule } from './library-module.ts';
import { createRepeatedTexts } from './repeated-texts.ts';
import { type Reading, readBytes, readVarInt } from './varint.ts';

/** What kafkajs has read of a record's batch before the record. */
export interface BatchContext {
  readonly firstOffset: string;
  /** ms since the epoch. */
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  /** 1 where the broker's time counts. */
  readonly timestampType: number;
  readonly magicByte: number;
  readonly isControlBatch: boolean;
}

/** A record as kafkajs hands it on. */
export interface RecordRead {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer | null | (Buffer | null)[]>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

const LOG_APPEND_TIME = 1;
const NO_BYTES = Buffer.alloc(0);

const names = createRepeatedTexts();

/**
 * kafkajs 2.2.4 counts in BigInts, makes every header's name anew, and copies all headers for each one. To be called
 * before anything is fetched: what reads the answers is loaded with the first one.
 */
export function readRecordsDirectly(): void {
  replaceLibraryModule(
    'protocol/recordBatch/record/v0/decoder.js',
    ({ buffer }: { readonly buffer: Buffer }, context: BatchContext) => readRecord(buffer, context),
  );
}

/** @param bytes one record of version 2 (Kafka's protocol, "Record"), without its length */
export function readRecord(bytes: Buffer, batchContext: BatchContext): RecordRead {
  const { firstOffset, firstTimestamp, maxTimestamp, timestampType, magicByte } = batchContext;
  const reading = { bytes, at: 1 };
  const timestampDelta = readVarInt(reading);
  const offsetDelta = readVarInt(reading);
  const isBrokersTime = timestampType === LOG_APPEND_TIME;
  return {
    magicByte,
    attributes: bytes[0] ?? 0,
    timestamp: isBrokersTime ? maxTimestamp : String(Number(firstTimestamp) + timestampDelta),
    offset: String(Number(firstOffset) + offsetDelta),
    key: readBytes(reading),
    value: readBytes(reading),
    headers: readHeaders(reading),
    isControlRecord: batchContext.isControlBatch,
    batchContext,
  };
}

function readHeaders(reading: Reading): RecordRead['headers'] {
  const headers: RecordRead['headers'] = {};
  const count = readVarInt(reading);
  for (let place = 0; place < count; place++) {
    const name = readName(reading, place);
    const value = readBytes(reading);
    // It would be no header, and all bytes of its value would be.
    if (name === '__proto__') continue;
    // Names are the publishers': one may be called `constructor`, which every object seems to have.
    headers[name] = Object.hasOwn(headers, name) ? [headers[name] ?? null, value].flat() : value;
  }
  return headers;
}

function readName(reading: Reading, place: number): string {
  return names.at(place, readBytes(reading) ?? NO_BYTES);
}
