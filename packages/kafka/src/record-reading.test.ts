import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { libraryModule } from './library-module.ts';
import { type BatchContext, type RecordRead, readRecord } from './record-reading.ts';

// What kafkajs would read and write itself: these modules are not replaced here.
const Decoder = libraryModule<new (bytes: Buffer) => { readVarIntBytes(): Buffer }>('protocol/decoder');
const read = libraryModule<(decoder: object, context: BatchContext) => object>(
  'protocol/recordBatch/record/v0/decoder',
);
const write = libraryModule<(record: object) => { readonly buffer: Buffer }>(
  'protocol/recordBatch/record/v0',
);

const bytesOf = (record: object) => new Decoder(write(record).buffer).readVarIntBytes();

const context = (more: Partial<BatchContext> = {}): BatchContext => ({
  firstOffset: '123456789012',
  firstTimestamp: '1790000000123',
  maxTimestamp: '1790000009999',
  timestampType: 0,
  magicByte: 2,
  isControlBatch: false,
  ...more,
});

const records: readonly object[] = [
  { key: null, value: null },
  { key: '', value: '', headers: {} },
  { key: 'ключ', value: randomBytes(70), headers: { '': '', a: 'b' }, offsetDelta: 64, timestampDelta: 63 },
  { key: randomBytes(64), value: randomBytes(9_000), headers: { a: 'c' }, timestampDelta: -5 },
  { key: 'k', value: 'v', headers: { a: 'c', traceparent: 'ü', twice: ['one', 'two', 'three'] } },
  { key: 'k', value: 'v', headers: { a: 'ü', b: 'ü' }, offsetDelta: 2 ** 31 - 1, timestampDelta: 2 ** 40 },
  { key: 'k', value: 'v', headers: { a: 'ü', b: '\u00c3\u00bc' } },
  { key: 'k', value: 'v', headers: { long: 'x'.repeat(1_000), many: 'a b c'.split(' ') } },
];

for (const [what, of] of [
  ['with the publishers’ time', context()],
  ['with the brokers’ time', context({ timestampType: 1 })],
  ['of a control batch', context({ isControlBatch: true })],
] as const) {
  test(`records ${what} are read as by kafkajs`, () => {
    // Twice, and in both orders: what was read before must not be seen in what comes next.
    for (const record of [...records, ...records.toReversed()]) {
      const bytes = bytesOf(record);
      assert.deepEqual(readRecord(bytes, of), read(new Decoder(bytes), of));
    }
  });
}

test('a header can be called as what every object has', () => {
  const { headers } = readRecord(bytesOf({ key: 'k', value: 'v', headers: { constructor: 'x' } }), context());
  assert.deepEqual(headers, { constructor: Buffer.from('x') });
});

test('a header called as what an object inherits from is passed over, and changes nothing', () => {
  const name = Buffer.from('__proto__');
  // As below, with two headers: this one and `a`, each of one byte.
  const bytes = Buffer.from([0, 0, 0, 1, 1, 4, 2 * name.length, ...name, 2, 0x78, 2, 0x61, 2, 0x79]);
  assert.deepEqual(readRecord(bytes, context()).headers, { a: Buffer.from('y') });
});

test('a header without a value is told from an empty one', () => {
  // Attributes, time and offset 0; no key, no value; one header `a` of length -1.
  const bytes = Buffer.from([0, 0, 0, 1, 1, 2, 2, 0x61, 1]);
  const { headers }: RecordRead = readRecord(bytes, context());
  assert.deepEqual(headers, { a: null });
});

test('a record that is cut off is an error, not an endless one', () => {
  assert.throws(() => readRecord(Buffer.from([0, 0x80]), context()), RangeError);
});
