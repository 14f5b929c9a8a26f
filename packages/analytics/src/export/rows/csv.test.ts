import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent } from '@whatsapp-stream/schemas';
import { EVENT_COLUMNS } from '../../layout.ts';
import { csvHead, csvLines } from './csv.ts';
import { STATUS_COLUMNS } from './status-columns.ts';
import { recordAt } from './test-support.ts';

const line = csvLines(STATUS_COLUMNS);
const FIELDS = { event_id: 'e', status: 'READ', origin: 'CALLBACK', occurred_at: 0 } as const;

test('the head names the columns', () => {
  assert.equal(csvHead(STATUS_COLUMNS), `${Object.keys(EVENT_COLUMNS).join(',')}\r\n`);
});

test('times are ISO 8601, null is empty, and maps are JSON', () => {
  const event = newStatusEvent({
    ...FIELDS,
    occurred_at: 1_795_417_462_006,
    metadata: { a: 'b' },
    source: '',
  });
  assert.equal(
    line(event, recordAt(3, 17, 1_795_417_462_666)),
    'e,,,READ,,CALLBACK,0,,2026-11-23T07:04:22.006Z,,,,,,"",,,true,"{""a"":""b""}",2026-11-23T07:04:22.666Z,3,17\r\n',
  );
});

test('separators, quotes and line breaks are quoted', () => {
  const reasonOf = (reason: string) =>
    line(newStatusEvent({ ...FIELDS, reason }), recordAt(0, 0))
      .split(',,,,,,,true')[0]
      ?.split('00Z,,')[1];
  assert.equal(reasonOf('plain'), 'plain');
  assert.equal(reasonOf('a "b"'), '"a ""b"""');
  assert.equal(reasonOf('two\r\nlines'), '"two\r\nlines"');
  assert.equal(reasonOf('a;b'), 'a;b');
});

test('times before and after each other, of 1969 and beyond all dates, are each told right', () => {
  const timeOf = (ms: number) =>
    line(newStatusEvent({ ...FIELDS, occurred_at: ms }), recordAt(0, 0)).split(',')[8];
  for (const ms of [1_795_417_462_006, 1_795_417_521_999, -1, 0, 59_999, 60_000, 253_402_300_800_000]) {
    assert.equal(timeOf(ms), new Date(ms).toISOString());
  }
  assert.equal(timeOf(8.64e15 + 60_000), '8640000000060000');
});
