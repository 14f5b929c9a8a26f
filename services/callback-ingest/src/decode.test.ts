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

test('what is kept was given', () => {
  const value = fc.oneof(fc.constantFrom('', ' ', '1', 'a', '2.5', 'read'), fc.string());
  const pair = fc.tuple(fc.constantFrom('session_id', 'status', 'session_id[]', 'other'), value);
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 6 }), fc.array(pair, { maxLength: 6 }), (query, body) => {
      const text = (pairs: readonly [string, string][]) => new URLSearchParams([...pairs]).toString();
      const decoded = decode({ query: text(query), contentType: FORM, body: text(body) });
      if (!decoded.ok) return;
      const given = (name: string) =>
        [...query, ...body].filter(([key]) => key === name).map(([, one]) => one);
      assert.ok(given('session_id').includes(decoded.sessionId));
      const numbers = given('status').map(Number);
      const { code } = decoded;
      assert.ok(code === null ? numbers.some((one) => one !== (one | 0)) : numbers.includes(code));
    }),
    { numRuns: 2_000 },
  );
});

test('a long number that ends in nonsense is seen through at once', () => {
  const start = performance.now();
  for (const text of ['1', '1.', '1.1e', '+']) {
    const status = `${text.padEnd(8_000, '1')}x`;
    assert.deepEqual(decode(raw({ query: `session_id=a&status=${encodeURIComponent(status)}` })), {
      ok: false,
      reason: 'STATUS_INVALID',
    });
  }
  assert.ok(performance.now() - start < 1_000);
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
      assert.ok(decoded.code === null || Object.is(decoded.code | 0, decoded.code));
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
  ...[
    ['2.0', 2],
    ['%2B2', 2],
    ['1e1', 10],
    ['10E-1', 1],
    ['.0', 0],
    ['-0', 0],
    ['-2147483648', -2147483648],
    ['1.5', null],
    ['-.5', null],
    ['2147483648', null],
    ['99999999999', null],
    ['1e400', null],
  ].map(([status, code]): [string, RawCallback, Decoded] => [
    `status=${status}`,
    raw({ query: `session_id=a&status=${status}` }),
    { ok: true, sessionId: 'a', code: typeof code === 'number' ? code : null },
  ]),
  ...[
    'read',
    '0x10',
    'Infinity',
    'NaN',
    '1,5',
    '1_000',
    '2n',
    '2%00',
    '%EF%BC%92',
    '.',
    'e1',
    '--1',
    '1 2',
  ].map((status): [string, RawCallback, Decoded] => [
    `status=${status}`,
    raw({ query: `session_id=a&status=${status}` }),
    { ok: false, reason: 'STATUS_INVALID' },
  ]),
  ...['1.5', '1e400', '4294967296'].map((status): [string, RawCallback, Decoded] => [
    `${status} in JSON`,
    raw({ contentType: JSON_TYPE, body: `{"session_id":"a","status":${status}}` }),
    { ok: true, sessionId: 'a', code: null },
  ]),
  ...['true', '[[2]]', '{"code":1}', '"read"'].map((status): [string, RawCallback, Decoded] => [
    `${status} as status`,
    raw({ contentType: JSON_TYPE, body: `{"session_id":"a","status":${status}}` }),
    { ok: false, reason: 'STATUS_INVALID' },
  ]),
  ...['12345678901234567890', '1.5', 'true', '{}', '[["a"]]', '"a\\u0000b"'].map(
    (id): [string, RawCallback, Decoded] => [
      `${id} as session id`,
      raw({ contentType: JSON_TYPE, body: `{"session_id":${id},"status":1}` }),
      { ok: false, reason: 'SESSION_ID_INVALID' },
    ],
  ),
  [
    'of a key that JSON has twice the last counts',
    raw({ contentType: JSON_TYPE, body: '{"session_id":"a","session_id":"b","status":1,"status":2}' }),
    { ok: true, sessionId: 'b', code: 2 },
  ],
  [
    'keys that every object has are not in JSON that lacks them',
    raw({ contentType: JSON_TYPE, body: '{"__proto__":{"session_id":"a","status":1}}' }),
    { ok: false, reason: 'SESSION_ID_MISSING' },
  ],
  [
    'JSON nested as deep as a body can be',
    raw({ contentType: JSON_TYPE, body: `{"a":${'['.repeat(4_000)}${']'.repeat(4_000)}}` }),
    { ok: false, reason: 'SESSION_ID_MISSING' },
  ],
  [
    'a byte order mark before JSON',
    raw({ contentType: JSON_TYPE, body: '\uFEFF{"session_id":"a","status":1}' }),
    { ok: true, sessionId: 'a', code: 1 },
  ],
  [
    'a byte order mark before a form, and a line break after it',
    raw({ contentType: FORM, body: '\uFEFFstatus=1&session_id=a\r\n' }),
    { ok: true, sessionId: 'a', code: 1 },
  ],
  [
    'another charset, where the bytes are the same',
    raw({ contentType: `${FORM};charset=iso-8859-1`, body: 'session_id=a&status=1' }),
    { ok: true, sessionId: 'a', code: 1 },
  ],
  [
    'UTF-16',
    raw({ contentType: `${JSON_TYPE};charset=utf-16le`, body: [...'{"session_id":"a"}'].join('\0') }),
    { ok: false, reason: 'BODY_UNREADABLE' },
  ],
  [
    'brackets after the name',
    raw({ query: 'session_id[]=a&status[]=1' }),
    { ok: false, reason: 'SESSION_ID_MISSING' },
  ],
  [
    'percent signs that encode nothing',
    raw({ query: 'session_id=a%zz%&status=1&%=%' }),
    { ok: true, sessionId: 'a%zz%', code: 1 },
  ],
  ['an encoded NUL', raw({ query: 'session_id=a%00&status=1' }), { ok: false, reason: 'SESSION_ID_INVALID' }],
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
