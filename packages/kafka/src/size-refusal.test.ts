import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KafkaJSNonRetriableError, KafkaJSProtocolError } from './client-library.ts';
import { isRefusedForSize } from './size-refusal.ts';

/** As kafkajs makes it of a broker's answer, whose error is one of its table. */
const answered = (type: string) =>
  new KafkaJSProtocolError(Object.assign(new Error('refused'), { type, code: 1, retriable: false }));

for (const type of ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']) {
  test(`${type} is a refusal for size, bare and as a cause`, () => {
    const wrapped = new KafkaJSNonRetriableError('not sent');
    assert.equal(isRefusedForSize(wrapped), false);
    assert.equal(isRefusedForSize(answered(type)), true);
    assert.equal(isRefusedForSize(Object.assign(wrapped, { cause: answered(type) })), true);
  });
}

test('other trouble is none', () => {
  const others = [
    answered('NOT_LEADER_FOR_PARTITION'),
    new Error('write EPIPE'),
    undefined,
    'MESSAGE_TOO_LARGE',
  ];
  assert.deepEqual(
    others.map((error) => isRefusedForSize(error)),
    others.map(() => false),
  );
});
