import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { KafkaJSProtocolError } from './client-library.ts';
import { isUnreachable } from './unreachable.ts';

const errors: typeof import('kafkajs') = createRequire(import.meta.url)('kafkajs/src/errors.js');
const protocolError = (type: string, retriable: boolean) =>
  new KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 3, retriable }));

test('no answer, and an answer that is retried, are told from what will not change', () => {
  const closed = new errors.KafkaJSConnectionError('Closed connection');
  const givenUp = new errors.KafkaJSNumberOfRetriesExceeded(closed, { retryCount: 5, retryTime: 2_000 });
  for (const error of [closed, givenUp, new Error('cannot read x.otp', { cause: givenUp })])
    assert.equal(isUnreachable(error), true, error.message);
  assert.equal(isUnreachable(protocolError('LEADER_NOT_AVAILABLE', true)), true);
  const missing = protocolError('UNKNOWN_TOPIC_OR_PARTITION', true);
  for (const error of [missing, protocolError('TOPIC_AUTHORIZATION_FAILED', false), new TypeError('x'), 'x'])
    assert.equal(isUnreachable(error), false, String(error));
});
