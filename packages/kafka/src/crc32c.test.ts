import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32C } from './crc32c.ts';
import { libraryModule } from './library-module.ts';

test('check sums are those of RFC 3720, appendix B.4', () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
  assert.equal(crc32C(Buffer.alloc(32)) >>> 0, 0x8a9136aa);
  assert.equal(crc32C(Buffer.alloc(32, 0xff)) >>> 0, 0x62a8ab43);
  assert.equal(crc32C(bytes) >>> 0, 0x46dd794e);
  assert.equal(crc32C(bytes.reverse()) >>> 0, 0x113fdb5c);
});

test('they are those of kafkajs for bytes of any number', () => {
  const theirs = libraryModule<(bytes: Buffer) => number>('protocol/recordBatch/crc32C');
  for (let length = 0; length < 100; length++) {
    const bytes = randomBytes(length);
    assert.equal(crc32C(bytes) >>> 0, theirs(bytes), bytes.toString('hex'));
  }
});
