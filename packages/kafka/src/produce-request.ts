import { createGrowingBytes } from './growing-bytes.ts';
import { libraryModule, replaceLibraryModule } from './library-module.ts';
import {
  type BatchToWrite,
  type RecordToWrite,
  timesOf,
  writeBatch,
  writeRecords,
} from './record-writing.ts';

/** What kafkajs asks to be written, for one broker. */
export interface ProduceRequest {
  readonly transactionalId?: string | null;
  readonly producerId?: number | string;
  readonly producerEpoch?: number;
  readonly acks: number;
  /** ms */
  readonly timeout: number;
  /** The number of a codec; 0, as without one, for none. */
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly (Content & { readonly partition: number })[];
  }[];
}

interface Content {
  readonly firstSequence: number;
  readonly messages: readonly RecordToWrite[];
}

interface Compression {
  lookupCodec(type: number): { compress(encoder: { readonly buffer: Buffer }): Promise<Buffer> };
}

const API_KEY = 0;
const API_VERSION = 3;

const bytes = createGrowingBytes();
const compression = libraryModule<Compression>('protocol/message/compression');

/**
 * kafkajs 2.2.4 writes each header, each record, each batch and each request into a cleared buffer of its own, copies
 * it, and counts in BigInts. Most requests hold a few records of each of many partitions, and this is half of what
 * they cost. Here a request is written once, to the same bytes. To be called before anything is sent: what makes the
 * requests is loaded with the first one. Later versions of the request, up to 7, are made of this one by kafkajs.
 */
export function writeRequestsAtOnce(): void {
  replaceLibraryModule('protocol/requests/produce/v3/request.js', (request: ProduceRequest) => ({
    apiKey: API_KEY,
    apiVersion: API_VERSION,
    apiName: 'Produce',
    expectResponse: () => request.acks !== 0,
    async encode() {
      const buffer = await encodeRequest(request, Date.now());
      // As far as kafkajs looks at its own encoders.
      return { buf: buffer, buffer };
    },
  }));
}

/** @returns a produce request of version 3 to 7 (Kafka's protocol, "Produce"), without its head */
export async function encodeRequest(request: ProduceRequest, now: number): Promise<Buffer> {
  const topics = request.topicData.map(({ topic, partitions }) => ({
    topic,
    batches: partitions.map(({ partition, ...content }) => ({
      partition,
      batch: batchOf(request, content, now),
    })),
  }));
  const packed = await pack(topics.flatMap(({ batches }) => batches.map(({ batch }) => batch)));

  // Nothing is awaited from here on: other requests are written to the same memory.
  bytes.clear();
  writeText(request.transactionalId ?? null);
  bytes.int16(request.acks);
  bytes.int32(request.timeout);
  bytes.int32(topics.length);
  for (const { topic, batches } of topics) {
    writeText(topic);
    bytes.int32(batches.length);
    for (const { partition, batch } of batches) {
      bytes.int32(partition);
      const start = bytes.size();
      bytes.int32(0);
      writeBatch(bytes, batch, packed.get(batch));
      bytes.setInt32(start, bytes.size() - start - 4);
    }
  }
  return Buffer.from(bytes.view());
}

function batchOf(
  { compression = 0, transactionalId, producerId = -1, producerEpoch = 0 }: ProduceRequest,
  { firstSequence, messages }: Content,
  now: number,
): BatchToWrite {
  return {
    compression,
    transactional: Boolean(transactionalId),
    producerId,
    producerEpoch,
    firstSequence,
    times: timesOf(messages, now),
    records: messages,
  };
}

/** @returns the compressed records of each batch that is to be compressed */
async function pack(batches: readonly BatchToWrite[]): Promise<ReadonlyMap<BatchToWrite, Buffer>> {
  const packed = new Map<BatchToWrite, Buffer>();
  for (const batch of batches) {
    if (batch.compression === 0) continue;
    bytes.clear();
    writeRecords(bytes, batch);
    const buffer = Buffer.from(bytes.view());
    packed.set(batch, await compression.lookupCodec(batch.compression).compress({ buffer }));
  }
  return packed;
}

function writeText(text: string | null): void {
  if (text === null) {
    bytes.int16(-1);
    return;
  }
  const utf8 = Buffer.from(text);
  bytes.int16(utf8.length);
  bytes.bytes(utf8);
}
