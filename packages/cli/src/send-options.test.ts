import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf, messageOf, optionFaults, type SendOptions, sendCommand } from './send-options.ts';

function parse(...args: readonly string[]): SendOptions {
  const silent = { writeErr: () => undefined, writeOut: () => undefined };
  return sendCommand()
    .exitOverride()
    .configureOutput(silent)
    .parse(args, { from: 'user' })
    .opts<SendOptions>();
}

const ONE = ['--lane', 'otp', '--msisdn', '628001', '--template', 'otp_login'];

test('options become a message; what may be repeated is kept in order', () => {
  const options = parse(
    ...ONE,
    '--body',
    'a',
    '--body',
    '-b',
    '--header',
    'h',
    '--meta',
    'k=v=w',
    '--id',
    'i',
  );
  assert.deepEqual(optionFaults(options), []);
  assert.deepEqual(messageOf(options, 0), {
    lane: 'otp',
    messageId: 'i',
    msisdn: '628001',
    template: {
      name: 'otp_login',
      langCode: 'id',
      headerParams: ['h'],
      bodyParams: ['a', '-b'],
      buttonUrlParam: null,
    },
    metadata: { k: 'v=w' },
  });
});

test('what holds for many is the same for one', () => {
  const options = parse(...ONE, '--expires-in', '5m', '--on-doubt', 'resend', '--source', 'shop');
  const expected = { lane: 'otp', source: 'shop', onDoubt: 'RESEND', expiresAt: 301_000 };
  assert.deepEqual(defaultsOf(options, 1_000), expected);
  assert.equal(messageOf(options, 1_000).expiresAt, 301_000);
});

test('an id is made when none is given', () => {
  assert.match(messageOf(parse(...ONE), 0).messageId ?? '', /^[0-9a-f-]{36}$/);
});

test('what is missing is told at once', () => {
  assert.deepEqual(optionFaults(parse()), [
    '--lane is missing',
    '--msisdn is missing',
    '--template is missing',
  ]);
});

test('what speaks of one message does not go with a file', () => {
  assert.deepEqual(optionFaults(parse('--file', 'x', '--lane', 'otp', '--source', 's')), []);
  assert.deepEqual(optionFaults(parse('--file', 'x', '--msisdn', '1', '--body', 'b')), [
    '--msisdn speaks of one message: it does not go with --file',
    '--body speaks of one message: it does not go with --file',
  ]);
});

test('values that mean nothing are refused', () => {
  for (const args of [
    ['--expires-in', 'soon'],
    ['--expires-in', '0s'],
    ['--meta', 'novalue'],
    ['--on-doubt', 'x'],
  ]) {
    assert.throws(() => parse(...args), { code: 'commander.invalidArgument' }, args.join(' '));
  }
});
