import assert from 'node:assert/strict';
import { test } from 'node:test';
import avsc from 'avsc';
import fc from 'fast-check';
import { SCHEMA_TEXTS } from './schema-texts.ts';
import { createCheck } from './well-formed.ts';

const everything = avsc.Type.forSchema({
  type: 'record',
  name: 'Everything',
  fields: [
    { name: 'int', type: 'int' },
    { name: 'long', type: 'long' },
    { name: 'float', type: 'float' },
    { name: 'double', type: 'double' },
    { name: 'boolean', type: 'boolean' },
    { name: 'bytes', type: 'bytes' },
    { name: 'fixed', type: { type: 'fixed', name: 'Four', size: 4 } },
    { name: 'enum', type: { type: 'enum', name: 'Letter', symbols: ['A', 'B'] } },
    { name: 'array', type: { type: 'array', items: { type: 'map', values: 'string' } } },
    { name: 'wrapped', type: ['null', 'int', 'long'] },
    { name: 'self', type: ['null', 'Everything'] },
  ],
});

const varint = (value: number) => avsc.Type.forSchema('long').toBuffer(value);
const strings = avsc.Type.forSchema({ type: 'array', items: 'string' });
const isArray = createCheck(strings);

test('what avsc writes is well formed', () => {
  const inner = {
    int: -(2 ** 31),
    long: -(2 ** 52),
    float: 1,
    double: 1,
    boolean: true,
    bytes: Buffer.from('abc'),
    fixed: Buffer.from('1234'),
    enum: 'B',
    array: [{}, { a: 'x', b: '' }],
    wrapped: { long: 5 },
    self: null,
  };
  const isEverything = createCheck(everything);
  const bytes = everything.toBuffer({ ...inner, self: inner });
  assert.ok(isEverything(bytes, 0));
  assert.ok(isEverything(Buffer.concat([Buffer.alloc(5), bytes]), 5));
  for (let length = 0; length < bytes.length; length += 1) {
    assert.equal(isEverything(bytes.subarray(0, length), 0), false, `${length} bytes`);
  }
});

test('blocks with a size are well formed when the size is true', () => {
  const block = (size: number) =>
    Buffer.concat([varint(-2), varint(size), Buffer.from([2, 97, 2, 98]), varint(0)]);
  assert.deepEqual(strings.fromBuffer(block(4)), ['a', 'b']);
  assert.ok(isArray(block(4), 0));
  for (const size of [3, 5, -4, 2 ** 40]) assert.equal(isArray(block(size), 0), false);
});

test('counts, lengths and indexes beyond what is there are refused at once', () => {
  const started = performance.now();
  for (const huge of [2 ** 20, 2 ** 40, 2 ** 52, -(2 ** 40)]) {
    assert.equal(isArray(varint(huge), 0), false);
    assert.equal(createCheck(avsc.Type.forSchema({ type: 'map', values: 'string' }))(varint(huge), 0), false);
    assert.equal(createCheck(avsc.Type.forSchema('string'))(varint(huge), 0), false);
    assert.equal(createCheck(avsc.Type.forSchema(['null', 'int']))(varint(huge), 0), false);
  }
  assert.ok(performance.now() - started < 1_000);
});

test('numbers that are too long are refused', () => {
  assert.equal(createCheck(avsc.Type.forSchema('long'))(Buffer.alloc(11, 0x80), 0), false);
  assert.equal(createCheck(avsc.Type.forSchema('int'))(varint(2 ** 31), 0), false);
});

test('records nested without end are refused', () => {
  const list = avsc.Type.forSchema({
    type: 'record',
    name: 'List',
    fields: [{ name: 'next', type: ['null', 'List'] }],
  });
  assert.equal(createCheck(list)(Buffer.alloc(1_000_000, 2), 0), false);
});

test('whatever passes, avsc reads to its end', () => {
  const type = avsc.Type.forSchema(JSON.parse(SCHEMA_TEXTS.SendRequest));
  const isRequest = createCheck(type);
  const valid = type.toBuffer({
    message_id: 'm',
    msisdn: '628001',
    requested_at: 1,
    template: { name: 't', lang_code: 'id', body_params: ['1', '2'], button_url_param: 'x' },
    metadata: { a: 'b' },
  });
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, byte) => {
      const changed = Buffer.from(valid);
      changed[at] = byte;
      if (isRequest(changed, 0)) type.fromBuffer(changed);
    }),
    { numRuns: 3_000 },
  );
});
