import type { Headers, KafkaRecord, TopicPartition } from '../port.ts';
import { createRepeatedTexts, type RepeatedTexts } from '../repeated-texts.ts';
import { type Reading, readBytes, readVarInt } from '../varint.ts';
import type { RecordBatch } from './record-batch.ts';

const NO_HEADERS: Headers = {};
const ATTRIBUTES_BYTES = 1;

const names = createRepeatedTexts();
const values = createRepeatedTexts();

/** A part of a partition. */
export interface Part extends TopicPartition {
  readonly from: number;
  readonly to: number;
}

/** The records of one batch, and how far they are read. */
export interface BatchReading extends Reading {
  readonly batch: RecordBatch;
  count: number;
}

/** @param body what follows the batch's header, no longer compressed */
export const readingOf = (batch: RecordBatch, body: Buffer): BatchReading => ({
  batch,
  bytes: body,
  at: 0,
  count: 0,
});

/**
 * Appends those records of a batch that lie in the part, until there are `max` in all.
 * @returns whether there may be more of them
 */
export function readRecords(reading: BatchReading, part: Part, into: KafkaRecord[], max: number): boolean {
  const { batch } = reading;
  for (; reading.count < batch.count; reading.count++) {
    if (into.length >= max) return true;
    const length = readVarInt(reading);
    const end = reading.at + length;
    reading.at += ATTRIBUTES_BYTES;
    const timestampDelta = readVarInt(reading);
    const offset = batch.firstOffset + readVarInt(reading);
    if (offset >= part.to) return false;
    if (offset >= part.from) {
      into.push({
        topic: part.topic,
        partition: part.partition,
        offset,
        timestamp: batch.isBrokersTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta,
        key: readBytes(reading),
        value: readBytes(reading),
        headers: readHeaders(reading),
      });
    }
    reading.at = end;
  }
  return false;
}

function readHeaders(reading: Reading): Headers {
  const count = readVarInt(reading);
  if (count === 0) return NO_HEADERS;
  const headers: Record<string, string | undefined> = {};
  for (let place = 0; place < count; place++) {
    const name = readText(reading, names, place) ?? '';
    headers[name] = readText(reading, values, place);
  }
  return headers;
}

function readText(reading: Reading, texts: RepeatedTexts, place: number): string | undefined {
  const length = readVarInt(reading);
  if (length < 0) return undefined;
  reading.at += length;
  return texts.at(place, reading.bytes, reading.at - length, reading.at);
}

const ABORT = 0;

/** Whether a control batch, which holds one marker, ends a transaction by taking it back. */
export function isAbortMarker(batch: RecordBatch): boolean {
  const reading = { bytes: batch.body, at: 0 };
  readVarInt(reading);
  reading.at += ATTRIBUTES_BYTES;
  readVarInt(reading);
  readVarInt(reading);
  const key = readBytes(reading);
  // Two bytes of version, two of type.
  return key !== null && key.length >= 4 && key.readInt16BE(2) === ABORT;
}
