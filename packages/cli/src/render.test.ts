import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent } from '@whatsapp-stream/schemas';
import picocolors from 'picocolors';
import { coloursFor } from './colours.ts';
import { createJourneys } from './journeys.ts';
import { journeyLine, shortId, showTime, statusLine } from './render.ts';

const AT = new Date(2026, 0, 31, 9, 5, 7, 42).getTime();
const event = newStatusEvent({
  event_id: 'e-1',
  message_id: '2f1c9c0e-8a53-4b7e-9d4e-0a6c1f5f7a10',
  status: 'ATTEMPTED',
  origin: 'SENDER',
  occurred_at: AT,
  attempt: 1,
  lane: 'otp',
});

test('a line has time, lane, short id and status, in columns', () => {
  assert.equal(statusLine(event), '09:05:07.042  otp            2f1c9c0e              ATTEMPTED');
});

test('a line shows the way so far; the lane is known from before when a callback does not tell it', () => {
  const before = { statuses: ['ATTEMPTED', 'ACCEPTED'], lane: 'marketing' } as const;
  assert.match(
    statusLine({ ...event, status: 'SENT', lane: null }, { before }),
    / {2}marketing {6}2f1c9c0e {14}ATTEMPTED → ACCEPTED → SENT$/,
  );
});

test('a line tells a further attempt, the reason, and when it is tried again', () => {
  const line = statusLine({
    ...event,
    status: 'RETRYING',
    attempt: 2,
    reason: 'HTTP 429',
    retry_at: AT + 1_000,
  });
  assert.match(line, /RETRYING {2}· attempt 2 {2}· HTTP 429 {2}· again at 09:05:08\.042$/);
  assert.match(
    statusLine({ ...event, status: 'UNKNOWN', provider_code: 42, verified: false }),
    /UNKNOWN {2}· code 42 {2}· unverified$/,
  );
});

test('what others wrote cannot steer the terminal', () => {
  const line = statusLine({ ...event, message_id: 'a\u001b[2Jb', reason: 'x\r\n\u009b31my\u202e' });
  assert.doesNotMatch(line, /\p{Cc}|\p{Cf}/u);
});

test('colours come only when they are asked for', () => {
  const colours = picocolors.createColors(true);
  assert.ok(statusLine({ ...event, status: 'READ' }, { colours }).endsWith(colours.green('READ')));
  assert.ok(statusLine({ ...event, status: 'FAILED' }, { colours }).endsWith(colours.red('FAILED')));
  assert.ok(coloursFor({ isTTY: true }, {}).isColorSupported);
  assert.ok(!coloursFor({ isTTY: true }, { NO_COLOR: '1' }).isColorSupported);
  assert.ok(!coloursFor({ isTTY: true }, { TERM: 'dumb' }).isColorSupported);
  assert.ok(!coloursFor({}, {}).isColorSupported);
});

test('a line of a journey tells the time since it began', () => {
  assert.equal(
    journeyLine({ ...event, reason: 'why' }, AT - 1_500),
    '09:05:07.042        +1.5 s  ATTEMPTED            sender    · why',
  );
});

test('an id is shortened to what tells it from others', () => {
  const short = (id: string | null) => shortId({ message_id: id, session_id: 'c0ffee00-1' });
  assert.equal(short('order-7'), 'order-7');
  assert.equal(short('campaign-2026-01-31-000017'), 'campaign-…-31-000017');
  assert.equal(short(null), 'session c0ffee00');
});

test('a time of another day has its date', () => {
  assert.equal(showTime(AT, AT + 1_000), '09:05:07.042');
  assert.equal(showTime(AT, AT + 86_400_000), '2026-01-31 09:05:07.042');
});

test('journeys remember what was told before, know a duplicate, and forget the oldest message', () => {
  const journeys = createJourneys(2);
  const of = (id: string, eventId: string) => ({ ...event, message_id: id, event_id: eventId });
  assert.deepEqual(journeys.add(of('a', '1')), { statuses: [], lane: null });
  assert.equal(journeys.add(of('a', '1')), null);
  assert.deepEqual(journeys.add({ ...of('a', '2'), lane: null }), { statuses: ['ATTEMPTED'], lane: 'otp' });
  journeys.add(of('b', '1'));
  journeys.add(of('c', '1'));
  assert.deepEqual(journeys.add(of('a', '3')), { statuses: [], lane: null });
});
