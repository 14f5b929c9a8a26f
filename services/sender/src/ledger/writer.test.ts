import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KafkaWriteError, type NewRecord } from '@whatsapp-stream/kafka';
import { newStatusEvent, type StatusEvent } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createWriter } from './writer.ts';

const event = newStatusEvent({
  event_id: 'e',
  message_id: 'm',
  status: 'ATTEMPTED',
  origin: 'SENDER',
  occurred_at: 0,
  source: 'login',
  metadata: { order: 'A-1' },
});

/** Of a term that does not end. */
const LASTING = new AbortController().signal;

/** @param answers what each write brings; then all succeed */
function setUp(...answers: ('lost' | 'too large')[]) {
  const clock = manualClock();
  const givenUp = new AbortController();
  const written: NewRecord[] = [];
  const unrecordable: string[] = [];
  const writer = createWriter({
    appender: {
      async append(record) {
        written.push(record);
        const answer = answers.shift();
        if (answer) throw new KafkaWriteError(answer, { tooLarge: answer === 'too large' });
        return { topic: record.topic, partition: 0, offset: 0 };
      },
    },
    statusTopic: 'status',
    encoder: { encode: (value: StatusEvent) => Buffer.from(JSON.stringify(value)) },
    givenUp: givenUp.signal,
    onUnrecordable: (topic) => unrecordable.push(topic),
    clock,
    log: createLogger('test', 'silent'),
  });
  const events = () => written.map(({ value }): StatusEvent => JSON.parse(String(value)));
  return { clock, givenUp, written, unrecordable, writer, events };
}

test('a write that is not acknowledged is written again, and tells that it struggles', async () => {
  const { clock, writer, written } = setUp('lost', 'lost');
  const done = writer.status(event, {});
  await clock.advance(0);
  assert.deepEqual([writer.struggling(), writer.logStruggling()], [true, true]);
  await clock.advance(1_000);
  assert.equal(await done, true);
  assert.deepEqual([written.length, writer.struggling(), writer.logStruggling()], [3, false, false]);
});

test('a dead letter that is not acknowledged is no trouble of the status log', async () => {
  const { clock, writer } = setUp('lost');
  const done = writer.deadLetter({ topic: 'dlq', key: 'k', value: null }, LASTING);
  await clock.advance(0);
  assert.deepEqual([writer.struggling(), writer.logStruggling()], [true, false]);
  await clock.advance(1_000);
  assert.equal(await done, true);
});

test('an event that does not fit is told without what the publisher brought along', async () => {
  const { writer, events, written } = setUp('too large');
  assert.equal(await writer.status(event, { baggage: 'x', send_offset: '7' }), true);
  const [, told] = events();
  assert.deepEqual(
    [told?.event_id, told?.status, told?.source, told?.metadata],
    ['e', 'ATTEMPTED', 'login', {}],
  );
  assert.deepEqual(written[1]?.headers, { send_offset: '7' });
});

test('a dead letter that does not fit keeps its place and reason', async () => {
  const { writer, written } = setUp('too large');
  const headers = { dlq_offset: '7', dlq_reason_text: 'no Avro' };
  assert.equal(
    await writer.deadLetter({ topic: 'dlq', key: 'k', value: Buffer.alloc(9), headers }, LASTING),
    true,
  );
  assert.equal(written[1]?.value, null);
  assert.deepEqual(written[1]?.headers, {
    dlq_offset: '7',
    dlq_reason_text: 'no Avro; its 9 bytes do not fit here and are left out',
  });
});

test('what fits in no form is counted and stops nobody', async () => {
  const { writer, unrecordable } = setUp('too large', 'too large');
  assert.equal(await writer.status(event, {}), true);
  assert.deepEqual(unrecordable, ['status']);
});

test('once given up nothing is written any more', async () => {
  const { clock, givenUp, writer } = setUp('lost');
  const done = writer.status(event, {});
  await clock.advance(0);
  givenUp.abort();
  assert.equal(await done, false);
  assert.equal(await writer.status(event, {}), false);
});
