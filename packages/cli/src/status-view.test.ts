import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent, type Status, type StatusEvent } from '@whatsapp-stream/schemas';
import { PLAIN } from './colours.ts';
import { createNewest } from './newest.ts';
import { journeyView, jsonView, listView, type Output } from './status-view.ts';

function output() {
  const lines: string[] = [];
  const notes: string[] = [];
  const given: Output = {
    print: (line) => lines.push(line),
    note: (line) => notes.push(line),
    colours: PLAIN,
    now: () => 0,
  };
  return { given, lines, notes };
}

function event(messageId: string, status: Status, occurredAt: number): StatusEvent {
  return newStatusEvent({
    event_id: `${messageId} ${status}`,
    message_id: messageId,
    status,
    origin: 'SENDER',
    occurred_at: occurredAt,
  });
}

const position = (offset: number) => ({ topic: 'whatsapp.status', partition: 0, offset });
const tails = (lines: readonly string[]) =>
  lines.map((line) => line.trim().split(/ {2,}/).slice(1).join(' '));

test('the list is in the order of time whatever the order of reading, then goes on live', () => {
  const { given, lines } = output();
  const view = listView(given, 10);
  view.event(event('b', 'ATTEMPTED', 2), position(0));
  view.event(event('a', 'ACCEPTED', 3), position(1));
  view.event(event('a', 'ATTEMPTED', 1), position(2));
  assert.deepEqual(lines, []);
  view.caughtUp();
  view.event(event('b', 'ACCEPTED', 4), position(3));
  view.event(event('b', 'ACCEPTED', 4), position(4));
  assert.deepEqual(tails(lines), [
    'a ATTEMPTED',
    'b ATTEMPTED',
    'a ATTEMPTED → ACCEPTED',
    'b ATTEMPTED → ACCEPTED',
  ]);
  assert.equal(view.count(), 5);
});

test('the list holds the newest and says that older ones are left out', () => {
  const { given, lines, notes } = output();
  const view = listView(given, 2);
  for (let i = 0; i < 7; i += 1) view.event(event(`m-${i}`, 'SENT', i), position(i));
  view.caughtUp();
  assert.deepEqual(tails(lines), ['m-5 SENT', 'm-6 SENT']);
  assert.match(notes[0] ?? '', /^5 older events are left out/);
});

test('a journey that begins while it is followed counts from its first event', () => {
  const { given, lines } = output();
  const view = journeyView(given);
  view.caughtUp();
  view.event(event('a', 'ATTEMPTED', 5_000), position(0));
  view.event(event('a', 'ACCEPTED', 5_200), position(1));
  view.event(event('a', 'ACCEPTED', 5_200), position(2));
  assert.deepEqual(
    lines.map((line) => /\+\S+ \S+/.exec(line)?.[0]),
    ['+0 ms', '+200 ms'],
  );
});

test('a journey ends with the state of its message', () => {
  const { given, lines } = output();
  const view = journeyView(given);
  view.event({ ...event('a', 'IN_DOUBT', 1), metadata: { order: '7' }, lane: 'otp' }, position(0));
  view.caughtUp();
  const text = lines.join('\n');
  assert.match(text, /state +IN_DOUBT/);
  assert.match(text, /charged +not known/);
  assert.match(text, /metadata order +7/);
});

test('JSON keeps the fields and adds the position', () => {
  const { given, lines } = output();
  jsonView(given).event(event('a', 'SENT', 5), position(9));
  const { status, occurred_at, partition, offset } = JSON.parse(lines[0] ?? '');
  assert.deepEqual(
    { status, occurred_at, partition, offset },
    { status: 'SENT', occurred_at: 5, partition: 0, offset: 9 },
  );
});

test('the newest are kept in bounded memory', () => {
  const newest = createNewest<number>(3, (a, b) => a - b);
  for (const n of [5, 1, 9, 7, 3, 8, 2]) newest.add(n);
  assert.deepEqual(newest.sorted(), [7, 8, 9]);
  assert.equal(newest.leftOut(), 4);
});
