import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallbackClaims } from '@whatsapp-stream/callback-token';
import fc from 'fast-check';
import type { Arrival } from '../record/arrival.ts';
import { statusEventOf } from '../record/status-event.ts';
import { carve } from './carve.ts';
import { arrivalOf, eventIdOf, MAX_ROW_BYTES, ROW_PREFIX, rowAt, rowOf } from './row.ts';
import { arrival, arrivals } from './test-support.ts';

/** Every claim there is: a new one does not compile until it is here, and is not kept until it is in the row. */
const claims: Required<CallbackClaims> = {
  messageId: 'm'.repeat(128),
  attempt: 2_147_483_647,
  attemptId: `2147483647.${'z'.repeat(40)}`,
  issuedAtMs: Number.MAX_SAFE_INTEGER,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
const largest: Arrival = {
  callback: { sessionId: '\u{20ac}'.repeat(200), code: -2_147_483_648, caller: { signed: true, claims } },
  atMs: 1_790_000_000_000,
};

const anyClaims: fc.Arbitrary<CallbackClaims> = fc.record(
  {
    messageId: fc.string({ maxLength: 128 }),
    attempt: fc.nat(),
    attemptId: fc.string({ maxLength: 60 }),
    issuedAtMs: fc.maxSafeNat(),
    traceparent: fc.string({ maxLength: 55 }),
  },
  { requiredKeys: ['messageId', 'attempt', 'attemptId', 'issuedAtMs'], noNullPrototype: true },
);
const anyArrival: fc.Arbitrary<Arrival> = fc
  .tuple(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.option(fc.integer()),
    fc.option(anyClaims),
    fc.nat({ max: Date.UTC(9999, 0) }),
  )
  .map(([sessionId, code, signedBy, atMs]) => ({
    callback: { sessionId, code, caller: signedBy ? { signed: true, claims: signedBy } : { signed: false } },
    atMs,
  }));

test('a row gives back what it was made of, under the id of its event', () => {
  fc.assert(
    fc.property(anyArrival, (given) => {
      const row = rowOf(given);
      assert.deepEqual(arrivalOf(row), given);
      assert.equal(row.eventId, statusEventOf(given.callback, given.atMs).event.event_id);
    }),
  );
});

test('a person can read a row', () => {
  assert.match(
    rowOf(arrival(7)).text,
    /^\{"callback_event":"[\w-]{22}","at":"2026-[\w:.-]+Z","session_id":"s-7","code":7,"signed":true,"message_id":"order:7",/,
  );
});

test('the largest callback has a row that lies within one page', () => {
  const { text } = rowOf(largest);
  assert.ok(Buffer.byteLength(text) < MAX_ROW_BYTES);
  assert.deepEqual(rowAt(Buffer.from(text), 0), rowOf(largest));
});

test('a row with any one byte changed is none, nor is one under another id', () => {
  const bytes = Buffer.from(rowOf(largest).text);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      fc.pre(bytes[at] !== value);
      const changed = Buffer.from(bytes);
      changed[at] = value;
      assert.equal(rowAt(changed, 0), null);
      assert.equal(arrivalOf({ eventId: eventIdOf(largest), text: changed.toString('utf8') }), null);
    }),
    { numRuns: 500 },
  );
  assert.equal(arrivalOf({ eventId: eventIdOf(arrival(1)), text: rowOf(arrival(2)).text }), null);
});

test('rows are found among anything, also where a session id looks like the beginning of one', () => {
  const tricky = { ...largest, callback: { ...largest.callback, sessionId: `${ROW_PREFIX}","crc32":"` } };
  const rows = [...arrivals(0, 20), tricky].map(rowOf);
  const noise = Buffer.from(`\0\xff${ROW_PREFIX}${ROW_PREFIX}"crc32":"{`, 'latin1');
  const bytes = Buffer.concat(rows.flatMap(({ text }) => [noise, Buffer.from(text), noise]));
  assert.deepEqual(carve(bytes), rows);
});
