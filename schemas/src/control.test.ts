import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Cancellable,
  type ControlChange,
  decodeControl,
  encodeControl,
  holdsPhoneNumber,
  isCalledBack,
} from './control.ts';

const decode = (key: string | null, value: unknown) =>
  decodeControl(key, value === null ? null : Buffer.from(JSON.stringify(value)));
const codeOf = (key: string | null, value: unknown) => {
  const decoded = decode(key, value);
  return decoded.ok ? 'understood' : decoded.code;
};

const name = fc.string({ minLength: 1 });
/** Texts for people, without what would be masked. */
const word = fc.option(fc.string().filter((text) => !holdsPhoneNumber(text)));
const match = fc
  .record({ message_id: name, source: fc.string(), template: name, lane: name }, { requiredKeys: [] })
  .filter((fields) => Object.keys(fields).length > 0);
const change: fc.Arbitrary<ControlChange> = fc.oneof(
  fc.record({
    kind: fc.constant('brake' as const),
    lane: name,
    brake: fc.option(fc.record({ paused: fc.boolean(), reason: word, by: word })),
  }),
  fc.record({
    kind: fc.constant('cancellation' as const),
    id: name,
    cancellation: fc.option(
      fc.record({ match, until: fc.option(fc.maxSafeInteger()), reason: word, by: word }),
    ),
  }),
);

test('what is written is read as it was meant, tombstones too', () => {
  fc.assert(
    fc.property(change, (meant) => {
      const { key, value } = encodeControl(meant);
      const decoded = decodeControl(Buffer.from(key), value);
      // Through JSON, because records that are made at random have no prototype.
      assert.equal(JSON.stringify(decoded), JSON.stringify({ ok: true, change: meant }));
    }),
  );
});

test('nothing throws, whatever the bytes', () => {
  const key = fc.option(fc.oneof(fc.string(), fc.constantFrom('brake:otp', 'cancel:a')));
  const value = fc.option(fc.oneof(fc.uint8Array(), fc.json()));
  fc.assert(fc.property(key, value, (k, v) => void decodeControl(k, v === null ? null : Buffer.from(v))));
});

test('the format is that of the documentation', () => {
  const brake = { paused: true, reason: 'wrong text', by: 'ana' };
  assert.deepEqual(
    encodeControl({ kind: 'brake', lane: '*', brake }).value?.toString(),
    '{"v":1,"paused":true,"reason":"wrong text","by":"ana"}',
  );
  assert.deepEqual(decode('cancel:a', { v: 1, match: { source: '' } }), {
    ok: true,
    change: {
      kind: 'cancellation',
      id: 'a',
      cancellation: { match: { source: '' }, until: null, reason: null, by: null },
    },
  });
});

test('what is no control record is told by a code', () => {
  const cases: readonly (readonly [string | null, unknown, string])[] = [
    [null, { v: 1, paused: true }, 'UNKNOWN_KEY'],
    ['otp', { v: 1, paused: true }, 'UNKNOWN_KEY'],
    ['brake:', { v: 1, paused: true }, 'UNKNOWN_KEY'],
    ['redrive:a', null, 'UNKNOWN_KEY'],
    ['brake:otp', [], 'NOT_JSON'],
    ['brake:otp', 'paused', 'NOT_JSON'],
    ['brake:otp', { v: 2, paused: true }, 'NEWER_VERSION'],
    ['cancel:a', { v: 2, match: { source: 's' }, from: 5 }, 'NEWER_VERSION'],
    ['brake:otp', { paused: true }, 'MALFORMED'],
    ['brake:otp', { v: 1, paused: 'yes' }, 'MALFORMED'],
    ['brake:otp', { v: 1, paused: true, reason: 5 }, 'MALFORMED'],
    ['brake:otp', { v: 1, paused: true, until: 5 }, 'MALFORMED'],
    ['cancel:a', { v: 1, match: { source: 's' }, until: '2026-01-31' }, 'MALFORMED'],
    ['cancel:a', { v: 1, match: { source: 's' }, until: 0.5 }, 'MALFORMED'],
  ];
  for (const [key, value, code] of cases)
    assert.equal(codeOf(key, value), code, JSON.stringify([key, value]));
});

test('a cancellation that names nothing, or what is not known, is not taken for a wider one', () => {
  for (const match of [undefined, null, [], {}, { campaign: 'c' }, { source: 's', campaign: 'c' }]) {
    assert.equal(codeOf('cancel:a', { v: 1, match }), 'MALFORMED', JSON.stringify(match));
  }
  for (const match of [{ source: null }, { source: 's', lane: 5 }]) {
    assert.equal(codeOf('cancel:a', { v: 1, match }), 'MALFORMED', JSON.stringify(match));
  }
  assert.equal(codeOf('cancel:a', { v: 1, match: { source: 's' }, from: 5 }), 'MALFORMED');
});

test('phone numbers are told from dates, and are masked where somebody wrote one', () => {
  for (const text of ['628123456789', 'for +62 812-345', 'call 0812-3456-7890', '(+62) 812 3456 789']) {
    assert.ok(holdsPhoneNumber(text), text);
  }
  for (const text of ['', '2026-11-23 08:00', '20261123', 'wrong price: 150000 for 99', 'PROMO-0812']) {
    assert.ok(!holdsPhoneNumber(text), text);
  }
  const decoded = decode('brake:otp', { v: 1, paused: true, reason: 'ask 628123456789', by: null });
  assert.ok(decoded.ok && decoded.change.kind === 'brake');
  assert.equal(decoded.change.brake?.reason, 'ask …');
});

const message: Cancellable = { messageId: 'm', source: 's', template: 't', lane: 'otp', appendedAt: 100 };

test('a cancellation holds where all that it names is equal', () => {
  for (const match of [
    { message_id: 'm' },
    { source: 's' },
    { template: 't' },
    { lane: 'otp' },
    { message_id: 'm', source: 's', template: 't', lane: 'otp' },
  ]) {
    assert.ok(isCalledBack(match, 100, message), JSON.stringify(match));
  }
  for (const match of [{ message_id: 'n' }, { source: 's', template: 'u' }, { source: '' }, { lane: 'x' }]) {
    assert.ok(!isCalledBack(match, 100, message), JSON.stringify(match));
  }
  assert.ok(!isCalledBack({ template: 't' }, 100, { ...message, template: null }));
});

test('a cancellation holds for what was appended at or before its time', () => {
  assert.ok(isCalledBack({ source: 's' }, 100, message));
  assert.ok(!isCalledBack({ source: 's' }, 99, message));
});
