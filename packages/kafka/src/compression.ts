import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { CompressionTypes as CompressionType } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappyjs';
import { CompressionCodecs, CompressionTypes } from './client-library.ts';

/** Java's snappy output is framed: this magic, two version numbers, then length-prefixed blocks. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** Of one value. */
export const COMPRESS_ABOVE_BYTES = 64 * 1024;
/** Of all values of a request together: below what a broker takes in one batch by default, 1 MiB. */
export const COMPRESS_TOGETHER_ABOVE_BYTES = 640 * 1024;

/**
 * How a request is compressed. `max.message.bytes` bounds what is stored: a publisher that compresses can put
 * into a lane a record that is many times as large when it is read, and that has to fit into the dead-letter
 * topic too. So large records are compressed, and so is what could be too large in one batch. Many small ones are
 * not: it would cost their writer and each of their readers more than all else that they do with them. By gzip,
 * because kafkajs has nothing else built in, and other teams may read with it.
 */
export function compressionFor(values: readonly (Buffer | null)[]): CompressionType {
  let together = 0;
  for (const value of values) {
    const bytes = value?.length ?? 0;
    together += bytes;
    if (bytes > COMPRESS_ABOVE_BYTES || together > COMPRESS_TOGETHER_ABOVE_BYTES)
      return CompressionTypes.GZIP;
  }
  return CompressionTypes.None;
}

/** Undoes snappy as Java clients (framed) and librdkafka (framed or bare) write it. */
export function snappyDecode(data: Buffer): Buffer {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return Buffer.from(snappyUncompress(data));
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < data.length; ) {
    const length = data.readUInt32BE(at);
    blocks.push(Buffer.from(snappyUncompress(data.subarray(at + 4, at + 4 + length))));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

/**
 * Teaches kafkajs every codec of Kafka. It has only gzip built in, and a batch in a codec that it does not
 * know ends a consumer; publishers in other languages choose their codec freely.
 */
export function registerCompressionCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: async (encoder: { buffer: Buffer }) => Buffer.from(snappyCompress(encoder.buffer)),
    decompress: async (data: Buffer) => snappyDecode(data),
  });
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async (encoder: { buffer: Buffer }) => compressFrame(encoder.buffer),
    decompress: async (data: Buffer) => decompressFrame(data),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async (encoder: { buffer: Buffer }) => promisify(zstdCompress)(encoder.buffer),
    decompress: async (data: Buffer) => promisify(zstdDecompress)(data),
  });
}
