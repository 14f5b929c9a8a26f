import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, readSettings } from './settings.ts';

const spec = {
  BROKERS: { describe: 'Where Kafka is.', schema: read.list('host:port', /^[^:,\s]+:\d+$/) },
  MAX_RPS: { describe: 'The limit.', default: '50', schema: read.integer(1, 1000) },
  API_KEY: { describe: 'The key.', secret: true, schema: read.text() },
  HASH_KEY: { describe: 'Optional.', optional: true, secret: true, schema: read.text() },
} as const;

const noFile = (): string => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
};

test('defaults are used, optional settings may be missing, values are frozen', () => {
  const result = readSettings(spec, { BROKERS: 'a:1, b:2', API_KEY: 'k' }, noFile);
  assert.ok(result.ok);
  assert.deepEqual({ ...result.values }, { BROKERS: ['a:1', 'b:2'], MAX_RPS: 50, API_KEY: 'k' });
  assert.ok(Object.isFrozen(result.values));
});

test('every fault is reported at once', () => {
  const result = readSettings(spec, { BROKERS: 'nonsense', MAX_RPS: '0' }, noFile);
  assert.ok(!result.ok);
  assert.equal(result.faults.length, 3);
  assert.match(result.faults.join('\n'), /BROKERS="nonsense": must be host:port/);
  assert.match(result.faults.join('\n'), /MAX_RPS="0": must be from 1 to 1000/);
  assert.match(result.faults.join('\n'), /API_KEY is not set: The key\./);
});

test('a secret may come from a file, not from both places, and is never shown', () => {
  const fromFile = readSettings(spec, { BROKERS: 'a:1', API_KEY_FILE: '/run/key' }, () => 'from-file\n');
  assert.ok(fromFile.ok);
  assert.equal(fromFile.values.API_KEY, 'from-file');

  const both = readSettings(spec, { BROKERS: 'a:1', API_KEY: 'hush', API_KEY_FILE: '/run/key' }, () => 'x');
  assert.ok(!both.ok);
  assert.deepEqual(both.faults, ['API_KEY and API_KEY_FILE are both set: keep one of them']);

  const missing = readSettings(spec, { BROKERS: 'a:1', API_KEY_FILE: '/nowhere' }, noFile);
  assert.ok(!missing.ok);
  assert.deepEqual(missing.faults, ['API_KEY_FILE names a file that cannot be read (ENOENT): /nowhere']);
});

test('an empty variable counts as unset', () => {
  const result = readSettings(spec, { BROKERS: 'a:1', API_KEY: '', MAX_RPS: '' }, noFile);
  assert.ok(!result.ok);
  assert.deepEqual(result.faults, ['API_KEY is not set: The key.']);
});

test('a list that repeats itself or holds nothing is refused', () => {
  for (const BROKERS of ['a:1,a:1', ' , ']) {
    assert.ok(!readSettings(spec, { BROKERS, API_KEY: 'k' }, noFile).ok, BROKERS);
  }
});
