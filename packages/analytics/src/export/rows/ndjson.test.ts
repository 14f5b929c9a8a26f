import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSendRequest, newStatusEvent, newTemplate } from '@whatsapp-stream/schemas';
import fc from 'fast-check';
import { EVENT_COLUMNS } from '../../layout.ts';
import { ndjsonLines } from './ndjson.ts';
import { sendColumns } from './send-columns.ts';
import { STATUS_COLUMNS } from './status-columns.ts';
import { recordAt } from './test-support.ts';

const line = ndjsonLines(STATUS_COLUMNS);

test('a line is the event as it is on the wire, then its coordinates', () => {
  const event = newStatusEvent({
    event_id: 'e',
    status: 'READ',
    origin: 'CALLBACK',
    occurred_at: 5,
    charged: true,
  });
  const text = line(event, recordAt(3, 17, 1_795_417_462_666));
  assert.ok(text.endsWith('}\n'));
  const object = JSON.parse(text);
  assert.deepEqual(object, {
    ...event,
    recorded_at: 1_795_417_462_666,
    kafka_partition: 3,
    kafka_offset: 17,
  });
  assert.deepEqual(Object.keys(object), Object.keys(EVENT_COLUMNS));
});

test('any text comes back as it was, and no line has a break within', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, fc.dictionary(text, text), (reason, metadata) => {
      const fields = { event_id: 'e', status: 'READ', origin: 'CALLBACK', occurred_at: 5 } as const;
      const written = line(newStatusEvent({ ...fields, reason, metadata }), recordAt(0, 0));
      assert.equal(written.indexOf('\n'), written.length - 1);
      const read = JSON.parse(written);
      assert.equal(read.reason, reason);
      assert.deepEqual(Object.entries(read.metadata), Object.entries(metadata));
    }),
  );
});

test('a send request is told without whom it goes to and what it says, unless that is asked for', () => {
  const template = newTemplate({
    name: 'otp',
    lang_code: 'id',
    body_params: ['123456'],
    button_url_param: 'b',
  });
  const request = newSendRequest({ message_id: 'm', msisdn: '628001', requested_at: 1, template });
  const record = recordAt(0, 0, 7, 'whatsapp.send.otp');
  const told = ndjsonLines(sendColumns(false))(request, record);
  assert.doesNotMatch(told, /628001|123456|params/);
  assert.equal(JSON.parse(told).template_name, 'otp');
  assert.equal(JSON.parse(told).lane, 'otp');
  const all = JSON.parse(ndjsonLines(sendColumns(true))(request, record));
  assert.equal(all.msisdn, '628001');
  assert.deepEqual(all.body_params, ['123456']);
});
