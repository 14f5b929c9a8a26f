import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_TOPIC_NAMES } from '@whatsapp-stream/schemas';
import { type LineDefaults, parseMessages } from './message-file.ts';

const TEMPLATE = '"template":{"name":"t","lang_code":"id"}';
const GOOD = `{"lane":"otp","msisdn":"628001",${TEMPLATE}}`;

const parse = (text: string, defaults: LineDefaults = {}) =>
  parseMessages(text, defaults, { lanes: DEFAULT_TOPIC_NAMES.lanes, nowMs: 0 });

function faultsOf(text: string): readonly string[] {
  const parsed = parse(text);
  assert.ok(!parsed.ok, text);
  return parsed.faults;
}

test('each line is a message; empty lines, a byte order mark and CRLF do no harm', () => {
  const parsed = parse(`\uFEFF${GOOD}\r\n\n  \n${GOOD}\n`);
  assert.ok(parsed.ok);
  assert.equal(parsed.messages.length, 2);
  assert.deepEqual(parsed.messages[0], {
    lane: 'otp',
    msisdn: '628001',
    template: {
      name: 't',
      langCode: 'id',
      headerParams: undefined,
      bodyParams: undefined,
      buttonUrlParam: undefined,
    },
  });
});

test('the command line holds for what a line leaves out', () => {
  const line = `{"msisdn":"628001","source":"crm",${TEMPLATE}}`;
  const parsed = parse(line, { lane: 'marketing', source: 'shop', onDoubt: 'HOLD', expiresAt: 5 });
  assert.ok(parsed.ok);
  const [message] = parsed.messages;
  assert.equal(message?.lane, 'marketing');
  assert.equal(message.source, 'crm');
  assert.equal(message.onDoubt, 'HOLD');
  assert.equal(message.expiresAt, 5);
});

test('times are ms or ISO 8601', () => {
  const parsed = parse(GOOD.replace('{', '{"expires_at":"1970-01-01T00:00:01+00:00","requested_at":7,'));
  assert.ok(parsed.ok);
  assert.equal(parsed.messages[0]?.expiresAt, 1_000);
  assert.equal(parsed.messages[0]?.requestedAt, 7);
});

test('every fault of every line is told with its line', () => {
  const faults = faultsOf(
    [
      'nonsense',
      GOOD,
      '[]',
      GOOD.replace('"628001"', '628001'),
      GOOD.replace('628001', '0812').replace('"t"', '""'),
      GOOD.replace('msisdn', 'msidsn'),
      GOOD.replace('{', '{"expires_at":"tomorrow","on_doubt":"PANIC",'),
      GOOD.replace('"lane":"otp",', ''),
      GOOD.replace('otp', 'urgent'),
    ].join('\n'),
  );
  const expected = [
    /^line 1: is not a JSON object$/,
    /^line 3: is not a JSON object$/,
    /^line 4: msisdn: .*expected string/,
    /^line 5: msisdn must be 6 to 15 digits/,
    /^line 5: template\.name is empty$/,
    /^line 6: msisdn: /,
    /^line 6: it has fields that are not known: msidsn$/,
    /^line 7: expires_at: must be ms since 1970, or a time like/,
    /^line 7: on_doubt: /,
    /^line 8: lane is missing, and --lane is not given either$/,
    /^line 9: lane "urgent" is none of otp, transactional, marketing$/,
  ];
  assert.equal(faults.length, expected.length, faults.join('\n'));
  for (const [i, fault] of faults.entries()) assert.match(fault, expected[i] ?? /nothing/);
});

test('an id that is used twice is a fault', () => {
  const line = GOOD.replace('{', '{"message_id":"m-1",');
  assert.deepEqual(faultsOf(`${line}\n${GOOD}\n${line}`), ['line 3: message_id is that of line 1 already']);
});

test('a file without a message is a fault', () => {
  assert.deepEqual(faultsOf(' \n'), ['there is no message in it']);
});

test('no fault quotes a number or a parameter', () => {
  const faults = faultsOf(`{"msisdn": 6281234567\n${GOOD.replace('"628001"', '["6281234567"]')}`);
  assert.doesNotMatch(faults.join('\n'), /6281234567/);
});
