import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLetterIn, headersBefore } from './dead-letter.ts';

const HEADERS = {
  traceparent: 't',
  dlq_topic: 'whatsapp.send.otp',
  dlq_partition: '3',
  dlq_offset: '42',
  dlq_timestamp: '1',
  dlq_reason: 'EMPTY',
  dlq_reason_text: 'The record has no value',
};

test('a dead letter is known by where it came from', () => {
  // The id was computed with Python's hashlib and base64.
  const of = 'y9AiwxglYg3Owo5SCncXSA';
  assert.deepEqual(deadLetterIn({ headers: HEADERS }), { topic: 'whatsapp.send.otp', reason: 'EMPTY', of });
  const again = { ...HEADERS, dlq_timestamp: '2', dlq_reason: 'UNKNOWN_SCHEMA' };
  assert.equal(deadLetterIn({ headers: again })?.of, of);
  assert.notEqual(deadLetterIn({ headers: { ...HEADERS, dlq_offset: '43' } })?.of, of);
});

test('a record that does not tell where it came from is none', () => {
  for (const name of ['dlq_topic', 'dlq_partition', 'dlq_offset'] as const) {
    assert.equal(deadLetterIn({ headers: { ...HEADERS, [name]: undefined } }), null);
  }
});

test('what the dead letter added to the headers is taken away again', () => {
  assert.deepEqual(headersBefore(HEADERS), { traceparent: 't' });
});
