import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGroupCommit } from './offset-commit.ts';

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
const compactText = (value: string): Buffer =>
  Buffer.concat([Buffer.of(value.length + 1), Buffer.from(value)]);

const keyOf = (version: number): Buffer =>
  Buffer.concat([int16(version), text('a-group-ü'), text('a.topic'), int32(5)]);

/** As Kafka's OffsetCommitValue.json has them. */
const VALUES: Readonly<Record<number, Buffer>> = {
  0: Buffer.concat([int16(0), int64(42), text('note'), int64(1_000)]),
  1: Buffer.concat([int16(1), int64(42), text('note'), int64(1_000), int64(2_000)]),
  2: Buffer.concat([int16(2), int64(42), text('note'), int64(1_000)]),
  3: Buffer.concat([int16(3), int64(42), int32(-1), text('note'), int64(1_000)]),
  4: Buffer.concat([int16(4), int64(42), int32(-1), compactText('note'), int64(1_000), Buffer.of(0)]),
};

for (const [version, value] of Object.entries(VALUES)) {
  test(`a committed offset of version ${version} is read`, () => {
    const expected = { group: 'a-group-ü', topic: 'a.topic', partition: 5, offset: 42 };
    assert.deepEqual(readGroupCommit(keyOf(1), value), expected);
    assert.deepEqual(readGroupCommit(keyOf(0), value), expected);
  });
}

test('a commit that was deleted has no offset', () => {
  assert.equal(readGroupCommit(keyOf(1), null)?.offset, null);
});

test('what is no commit is passed over', () => {
  assert.equal(readGroupCommit(Buffer.concat([int16(2), text('a-group')]), Buffer.alloc(100)), null);
  assert.equal(readGroupCommit(null, VALUES[3] ?? null), null);
});

test('what is not understood is an error, never another offset', () => {
  assert.throws(() => readGroupCommit(keyOf(1), Buffer.concat([int16(5), int64(42)])), RangeError);
  assert.throws(() => readGroupCommit(keyOf(1).subarray(0, 12), VALUES[3] ?? null), RangeError);
  assert.throws(() => readGroupCommit(keyOf(1), int16(3)), RangeError);
});
