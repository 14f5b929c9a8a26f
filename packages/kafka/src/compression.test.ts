import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, test } from 'node:test';
import { compress } from 'snappyjs';
import { CompressionCodecs, CompressionTypes } from './client-library.ts';
import {
  COMPRESS_ABOVE_BYTES,
  COMPRESS_TOGETHER_ABOVE_BYTES,
  compressionFor,
  registerCompressionCodecs,
  snappyDecode,
} from './compression.ts';

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(data: Buffer): Promise<Buffer>;
}

before(() => registerCompressionCodecs());

const repetitive = Buffer.from('{"status":"DELIVERED"}'.repeat(20_000));
const text = Buffer.from('one two three two one');

/** As Java writes it: magic, version, compatible version, then each block with its compressed length. */
function framed(...blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
  const parts = blocks.map((block) => Buffer.from(compress(block))).flatMap((data) => [lengthOf(data), data]);
  return Buffer.concat([header, ...parts]);
}

function lengthOf(data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return length;
}

test('snappy without a frame is read', () => {
  assert.deepEqual(snappyDecode(Buffer.from(compress(text))), text);
});

test('framed snappy is read, whether of no block, one or several', () => {
  assert.deepEqual(snappyDecode(framed()), Buffer.alloc(0));
  assert.deepEqual(snappyDecode(framed(text)), text);
  assert.deepEqual(
    snappyDecode(framed(repetitive, text, repetitive)),
    Buffer.concat([repetitive, text, repetitive]),
  );
});

test('framed snappy that is cut off is an error', () => {
  const data = framed(text);
  assert.throws(() => snappyDecode(data.subarray(0, 18)));
  assert.throws(() => snappyDecode(data.subarray(0, -3)));
});

const codecs = [
  ['snappy', CompressionTypes.Snappy],
  ['lz4', CompressionTypes.LZ4],
  ['zstd', CompressionTypes.ZSTD],
] as const;
for (const [name, type] of codecs) {
  for (const [what, data] of [
    ['small', text],
    ['repetitive', repetitive],
    ['random', randomBytes(300_000)],
  ] as const) {
    test(`${name} gives back what was compressed: ${what}`, async () => {
      const codec = (CompressionCodecs[type] as unknown as () => Codec)();
      assert.deepEqual(await codec.decompress(await codec.compress({ buffer: data })), data);
    });
  }
}

test('a request is compressed when one value is large, or all are together', () => {
  const large = Buffer.alloc(COMPRESS_ABOVE_BYTES);
  const many = COMPRESS_TOGETHER_ABOVE_BYTES / COMPRESS_ABOVE_BYTES;
  assert.equal(compressionFor([]), CompressionTypes.None);
  assert.equal(compressionFor([null, large]), CompressionTypes.None);
  assert.equal(compressionFor(Array(many).fill(large)), CompressionTypes.None);
  assert.equal(compressionFor([...Array(many).fill(large), Buffer.alloc(1)]), CompressionTypes.GZIP);
  assert.equal(compressionFor([Buffer.alloc(COMPRESS_ABOVE_BYTES + 1)]), CompressionTypes.GZIP);
});
