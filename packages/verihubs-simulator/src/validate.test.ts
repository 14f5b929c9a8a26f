import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateBody, validateHeaders } from './validate.ts';

const good = {
  msisdn: '6281100000001',
  template_name: 'otp_login',
  lang_code: 'id',
  content: { header_params: ['h'], body_params: ['1', ''], button_param: { url_param: 'x' } },
  callback_url: 'https://example.test/callbacks/token?a=b',
};

const check = (body: unknown) => validateBody(Buffer.from(JSON.stringify(body)));

function assertRefused(body: unknown, field: RegExp): void {
  const result = check(body);
  assert.equal(result.ok, false, JSON.stringify(body));
  assert.match(result.problem, field);
}

test('a complete body is valid, and so is one without any part that is not required', () => {
  assert.deepEqual(check(good), { ok: true, request: good });
  const { callback_url: _, ...rest } = good;
  assert.equal(check({ ...rest, content: {} }).ok, true);
});

test('each required field is missed', () => {
  for (const field of ['msisdn', 'template_name', 'lang_code', 'content']) {
    assertRefused({ ...good, [field]: undefined }, new RegExp(`^${field} is required`));
  }
});

test('a number is digits in E.164 form without +, not starting with 0', () => {
  for (const msisdn of [
    '+6281100000001',
    '081100000001',
    '62811-0000',
    '12345',
    '1'.repeat(16),
    6281,
    null,
    '',
  ]) {
    assertRefused({ ...good, msisdn }, /^msisdn must/);
  }
});

test('names must be text that is not empty', () => {
  for (const bad of ['', '  ', 5, null]) {
    assertRefused({ ...good, template_name: bad }, /^template_name must/);
    assertRefused({ ...good, lang_code: bad }, /^lang_code must/);
  }
});

test('parts of the content that are not used must be left out, neither null nor empty', () => {
  for (const bad of [null, [], [1], 'text', {}]) {
    assertRefused({ ...good, content: { body_params: bad } }, /^content\.body_params must/);
  }
  assertRefused({ ...good, content: { button_param: null } }, /^content\.button_param must be an object/);
  assertRefused({ ...good, content: { button_param: {} } }, /^content\.button_param\.url_param is required/);
  for (const bad of [null, [], 'text'])
    assertRefused({ ...good, content: bad }, /^content must be an object/);
});

test('fields that are not known are refused on every level, without being quoted', () => {
  assertRefused({ ...good, text: 'secret' }, /^the body has a field that is not known$/);
  assertRefused({ ...good, content: { footer: [] } }, /^content has a field that is not known$/);
  assertRefused({ ...good, __proto__x: 1 }, /not known/);
});

test('a callback URL is an absolute http or https URL', () => {
  for (const bad of ['/callbacks', 'example.test/callbacks', 'ftp://example.test', '', null, 1]) {
    assertRefused({ ...good, callback_url: bad }, /^callback_url must/);
  }
});

test('a body that is not UTF-8, not JSON or not an object is refused', () => {
  assert.deepEqual(validateBody(Buffer.from([0x22, 0xff, 0x22])), {
    ok: false,
    problem: 'the body must be UTF-8',
  });
  for (const bad of ['', '{', '{}x'])
    assert.deepEqual(validateBody(Buffer.from(bad)), { ok: false, problem: 'the body must be JSON' });
  for (const bad of [[], null, 'text', 1]) assertRefused(bad, /^the body must be an object/);
});

test('both accept and content-type must be JSON', () => {
  const json = 'application/json';
  assert.equal(validateHeaders({ accept: json, 'content-type': json }), null);
  assert.equal(validateHeaders({ accept: json, 'content-type': 'application/json; charset=utf-8' }), null);
  for (const type of [undefined, 'text/plain', 'application/json2', 'application/x-www-form-urlencoded']) {
    assert.match(
      validateHeaders({ accept: json, ...(type === undefined ? {} : { 'content-type': type }) }) ?? '',
      /^content-type/,
    );
  }
  for (const accept of [undefined, '*/*', 'text/html']) {
    assert.match(
      validateHeaders({ 'content-type': json, ...(accept === undefined ? {} : { accept }) }) ?? '',
      /^accept/,
    );
  }
});
