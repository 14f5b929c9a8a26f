import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOfMessage, type MessageRules } from './check-message.ts';
import type { NewMessage } from './message.ts';

const NOW = 1_800_000_000_000;
const rules: MessageRules = {
  lanes: ['whatsapp.send.otp', 'whatsapp.send.transactional', 'whatsapp.send.marketing'],
  nowMs: NOW,
};
const message: NewMessage = {
  lane: 'otp',
  msisdn: '6281234567890',
  template: { name: 'otp_login', langCode: 'id', bodyParams: ['493817'] },
};

/** As JavaScript hands it over, where nobody has checked the types. */
function faultsOf(fields: object, more: Partial<MessageRules> = {}): readonly string[] {
  return faultsOfMessage({ ...message, ...fields }, { ...rules, ...more });
}

test('a message with everything in it has no fault, nor has one whose optional fields are undefined', () => {
  const undefinedOnes = { messageId: undefined, expiresAt: undefined, trace: undefined };
  assert.deepEqual(faultsOf(undefinedOnes), []);
  const full = {
    messageId: 'a.B_c:1-2',
    expiresAt: new Date(NOW + 1),
    requestedAt: NOW,
    source: 'shop',
    onDoubt: 'RESEND',
    metadata: { order: 'A-1' },
    trace: { traceparent: '00-1-2-01' },
  };
  assert.deepEqual(faultsOf(full), []);
});

test('a field that is not known is named, with those that are', () => {
  const [fault, ...others] = faultsOf({ expireAt: NOW });
  assert.deepEqual(others, []);
  assert.match(fault ?? '', /^"expireAt" is not known: it has lane, messageId, .*expiresAt/);
  const inTemplate = faultsOf({ template: { ...message.template, body_params: [] } });
  assert.match(inTemplate[0] ?? '', /^"template\.body_params" is not known: it has .*bodyParams/);
});

test('times must be valid, and an expiry to come', () => {
  assert.deepEqual(faultsOf({ expiresAt: NOW + 1 }), []);
  assert.deepEqual(faultsOf({ expiresAt: null }), []);
  for (const expiresAt of [NOW, new Date(NOW - 1), 0]) {
    assert.deepEqual(faultsOf({ expiresAt }), ['expiresAt is past: it would never be sent']);
  }
  for (const no of [new Date('tomorrow'), NaN, 1.5, -1, 1e300, '2030-01-01', {}, true]) {
    const wrong = 'must be a valid Date, or whole ms since 1970';
    assert.deepEqual(faultsOf({ expiresAt: no, requestedAt: no }), [
      `expiresAt ${wrong}`,
      `requestedAt ${wrong}`,
    ]);
  }
});

test('wrong types are faults, all at once, and none is thrown', () => {
  const faults = faultsOf({
    lane: 7,
    messageId: 12,
    msisdn: 6281234567890,
    template: { name: 1, langCode: undefined, headerParams: 'h', bodyParams: [493817], buttonUrlParam: 3 },
    source: false,
    onDoubt: 'PANIC',
    metadata: { order: 1 },
    trace: { traceparent: 1 },
    defaultRegion: 'Indonesia',
  });
  assert.deepEqual(faults, [
    'lane must be one of otp, transactional, marketing',
    'messageId must be a string',
    'msisdn must be a string',
    'defaultRegion must be the two letters of a country, like ID',
    'template.name must be a string',
    'template.langCode is missing',
    'template.headerParams must be an array of strings',
    'template.bodyParams must be an array of strings',
    'template.buttonUrlParam must be a string',
    'source must be a string',
    'onDoubt must be one of LANE_DEFAULT, RESEND, HOLD',
    'metadata must be an object whose values are strings',
    'trace.traceparent must be a string',
  ]);
});

test('holes in lists, and a Map in the place of an object, would be lost on the way', () => {
  const template = { name: 'otp_login', langCode: 'id', bodyParams: new Array(1) };
  assert.deepEqual(faultsOf({ template, metadata: new Map([['order', '1']]) }), [
    'template.bodyParams must be an array of strings',
    'metadata must be an object whose values are strings',
  ]);
});

test('what is no message at all is a fault', () => {
  for (const nothing of [null, undefined, 'text', []]) {
    const given: unknown = nothing;
    assert.deepEqual(faultsOfMessage(given as NewMessage, rules), ['it must be an object']);
  }
  assert.deepEqual(faultsOf({ template: undefined, lane: undefined, msisdn: undefined }), [
    'lane must be one of otp, transactional, marketing',
    'msisdn is missing',
    'template must be an object',
  ]);
});

test('contents are held against what holds for every request, in the names of this interface', () => {
  const faults = faultsOf({ messageId: 'no spaces', msisdn: '0812', template: { name: '', langCode: '' } });
  assert.deepEqual(faults, [
    'messageId must be 1 to 128 characters of A-Z a-z 0-9 . _ : -',
    'msisdn must be 6 to 15 digits with the country code, without + and not starting with 0',
    'template.name is empty',
    'template.langCode is empty',
  ]);
});

test('no fault holds the number or a parameter', () => {
  const params = { name: '', langCode: 'id', bodyParams: ['493817', 5] };
  for (const defaultRegion of [undefined, 'ID']) {
    const all = faultsOf({ msisdn: '0899 no 12345', template: params, defaultRegion }).join('\n');
    assert.match(all, /msisdn .*\ntemplate/);
    assert.doesNotMatch(all, /0899|12345|493817/);
  }
});
