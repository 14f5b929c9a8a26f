import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Decoded, decode, type RawCallback } from './decode.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

const raw = (parts: Partial<RawCallback>): RawCallback => ({
  query: '',
  contentType: undefined,
  body: undefined,
  ...parts,
});

const sessionId = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text) && text.length <= 200);
const code = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

/** Every way in which the two fields can come. */
function formsOf(id: string, number: number): readonly RawCallback[] {
  const form = new URLSearchParams({ session_id: id, status: String(number) }).toString();
  const half = { query: new URLSearchParams({ session_id: id }).toString(), contentType: FORM };
  return [
    raw({ query: form }),
    raw({ contentType: FORM, body: form }),
    raw({ contentType: `${FORM}; charset=utf-8`, body: form }),
    raw({ contentType: JSON_TYPE, body: JSON.stringify({ session_id: id, status: number }) }),
    raw({
      contentType: 'application/vnd.x+json',
      body: JSON.stringify({ session_id: id, status: `${number}` }),
    }),
    raw({ contentType: 'text/plain', body: JSON.stringify({ status: number, session_id: id, more: {} }) }),
    raw({ body: form }),
    raw({ ...half, body: `status=${number}` }),
    raw({ query: `${form}&extra=1`, contentType: JSON_TYPE, body: '{"broken' }),
  ];
}

test('a callback is understood the same in every form', () => {
  fc.assert(
    fc.property(sessionId, code, (id, number) => {
      for (const callback of formsOf(id, number)) {
        assert.deepEqual(decode(callback), { ok: true, sessionId: id, code: number });
      }
    }),
  );
});

test('anything at all is answered, and what is taken keeps the rules', () => {
  const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webQueryParameters(), fc.json());
  const fields = fc
    .record({ session_id: fc.anything(), status: fc.anything() }, { requiredKeys: [] })
    .map((value) => JSON.stringify(value) ?? '');
  const contentType = fc.option(fc.oneof(fc.constantFrom(FORM, JSON_TYPE, 'text/plain'), fc.string()), {
    nil: undefined,
  });
  fc.assert(
    fc.property(anyText, contentType, fc.oneof(anyText, fields), (query, type, body) => {
      const decoded = decode({ query, contentType: type, body });
      if (!decoded.ok) return;
      assert.ok(decoded.sessionId.length > 0 && decoded.sessionId.length <= 200);
      assert.ok(decoded.sessionId.isWellFormed() && !/\p{Cc}/u.test(decoded.sessionId));
      assert.ok(Object.is(decoded.code | 0, decoded.code));
    }),
    { numRuns: 2_000 },
  );
});

const cases: readonly [string, RawCallback, Decoded][] = [
  [
    'of a repeated field the first that is not empty counts',
    raw({ query: 'session_id=&session_id=a&session_id=b&status=%20&status=2&status=3' }),
    { ok: true, sessionId: 'a', code: 2 },
  ],
  [
    'the query goes before the body, field by field',
    raw({ query: 'session_id=q&status=', contentType: JSON_TYPE, body: '{"session_id":"b","status":7}' }),
    { ok: true, sessionId: 'q', code: 7 },
  ],
  [
    'a list in JSON counts as a repeated field',
    raw({ contentType: JSON_TYPE, body: '{"session_id":[null,"","a"],"status":["3",4]}' }),
    { ok: true, sessionId: 'a', code: 3 },
  ],
  [
    'a number may have spaces, zeros and a sign',
    raw({ query: 'session_id=a&status=+-007+' }),
    { ok: true, sessionId: 'a', code: -7 },
  ],
  [
    'a number as session id is taken for its digits',
    raw({ contentType: JSON_TYPE, body: '{"session_id":42,"status":1}' }),
    { ok: true, sessionId: '42', code: 1 },
  ],
  ['nothing', raw({}), { ok: false, reason: 'SESSION_ID_MISSING' }],
  ['no status', raw({ query: 'session_id=a' }), { ok: false, reason: 'STATUS_MISSING' }],
  [
    'a session id of 201 characters',
    raw({ query: `session_id=${'x'.repeat(201)}&status=1` }),
    { ok: false, reason: 'SESSION_ID_INVALID' },
  ],
  [
    'a session id with a line break',
    raw({ query: 'session_id=a%0Ab&status=1' }),
    { ok: false, reason: 'SESSION_ID_INVALID' },
  ],
  [
    'half a surrogate pair',
    raw({ contentType: JSON_TYPE, body: '{"session_id":"\\ud800","status":1}' }),
    { ok: false, reason: 'SESSION_ID_INVALID' },
  ],
  ...['x', '1.5', '0x10', '1e3', '2147483648', '99999999999'].map(
    (status): [string, RawCallback, Decoded] => [
      `status=${status}`,
      raw({ query: `session_id=a&status=${status}` }),
      { ok: false, reason: 'STATUS_INVALID' },
    ],
  ),
  [
    'a fraction in JSON',
    raw({ contentType: JSON_TYPE, body: '{"session_id":"a","status":1.5}' }),
    { ok: false, reason: 'STATUS_INVALID' },
  ],
  [
    'an object as status',
    raw({ contentType: JSON_TYPE, body: '{"session_id":"a","status":{"code":1}}' }),
    { ok: false, reason: 'STATUS_INVALID' },
  ],
  [
    'broken JSON',
    raw({ contentType: JSON_TYPE, body: '{"session_id' }),
    { ok: false, reason: 'BODY_UNREADABLE' },
  ],
  ['a JSON list', raw({ contentType: JSON_TYPE, body: '[1]' }), { ok: false, reason: 'BODY_UNREADABLE' }],
  [
    'XML',
    raw({ contentType: 'application/xml', body: '<session_id>a</session_id>' }),
    { ok: false, reason: 'BODY_TYPE_UNSUPPORTED' },
  ],
];

for (const [name, callback, expected] of cases) {
  test(`${expected.ok ? 'taken' : expected.reason}: ${name}`, () => {
    assert.deepEqual(decode(callback), expected);
  });
}
