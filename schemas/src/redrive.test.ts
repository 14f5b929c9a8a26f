import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRedriveHeaders, redriveHeaders, redriveSuffix, redriveUnit } from './redrive.ts';

test('what was written is read, with and without a time', () => {
  for (const redrive of [
    { of: 'e-1', attempts: 3, notBeforeMs: 1_700_000_000_000 },
    { of: 'e-1', attempts: 0, notBeforeMs: null },
  ]) {
    assert.deepEqual(readRedriveHeaders(redriveHeaders(redrive)), redrive);
  }
});

test('a request without the header is no redrive', () => {
  for (const headers of [{}, { redrive_of: '' }, { redrive_attempts: '3' }, { redrive_of: undefined }]) {
    assert.equal(readRedriveHeaders(headers), null);
  }
});

test('a number that makes no sense is taken as not given', () => {
  for (const nonsense of ['', '-1', '1.5', 'many', '9'.repeat(17), '1e3']) {
    const headers = { redrive_of: 'e', redrive_attempts: nonsense, redrive_not_before: nonsense };
    assert.deepEqual(readRedriveHeaders(headers), { of: 'e', attempts: 0, notBeforeMs: null }, nonsense);
  }
});

test('redrives of one message differ by what they answer, and from the message itself', () => {
  assert.equal(redriveUnit('m', null), 'm');
  assert.equal(redriveUnit('m', 'e-1'), `m ${redriveSuffix('e-1')}`);
  assert.notEqual(redriveSuffix('e-1'), redriveSuffix('e-2'));
  for (const text of ['e-1', '', 'ü.b/c d']) assert.match(redriveSuffix(text), /^[\w-]{8}$/);
});
