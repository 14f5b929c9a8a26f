import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Partitioners } from './client-library.ts';
import { murmur2, partitionFor } from './murmur2.ts';

test('keys hash as in Kafka’s own test of it', () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  const known: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [key, hash] of known) assert.equal(murmur2(Buffer.from(key)), hash);
});

test('every key goes where kafkajs puts it', () => {
  const place = Partitioners.DefaultPartitioner();
  for (let length = 0; length <= 130; length++) {
    const bytes = randomBytes(length);
    for (const key of [bytes, bytes.toString('base64url'), bytes.toString('utf8')]) {
      for (const count of [1, 3, 12, 50]) {
        const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
          partitionId,
          partitionErrorCode: 0,
          leader: 1,
          replicas: [1],
          isr: [1],
        }));
        const theirs = place({ topic: 't', partitionMetadata, message: { key, value: null } });
        assert.equal(partitionFor(key, count), theirs, `${bytes.toString('hex')} of ${count}`);
      }
    }
  }
});
