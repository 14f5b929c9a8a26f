import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRegion, type Region, readPhoneNumber } from './phone-number.ts';

function assertRead(region: Region, numbers: Readonly<Record<string, string | undefined>>): void {
  for (const [text, digits] of Object.entries(numbers)) {
    assert.equal(readPhoneNumber(text, region), digits, `${text} in ${region}`);
  }
}

test('what people of the region write becomes E.164 digits', () => {
  assertRead('ID', {
    '081234567890': '6281234567890',
    ' 0812-3456-7890 ': '6281234567890',
    '(0812) 3456 7890': '6281234567890',
    '+62 812-3456-7890': '6281234567890',
    '6281234567890': '6281234567890',
    '62 812 3456 7890': '6281234567890',
    '628123456789': '628123456789',
    '62812345678': '62812345678',
  });
  assertRead('US', { '202-555-0123': '12025550123', '12025550123': '12025550123' });
});

test('numbers of other countries are read with + or the international prefix', () => {
  assertRead('ID', { '+65 9123 4567': '6591234567', '0062 812 3456 7890': '6281234567890' });
  assertRead('GB', { '0065 9123 4567': '6591234567' });
  assertRead('SG', { '6281234567890': '6281234567890' });
});

test('what can be read in two ways is not guessed', () => {
  assertRead('ID', { '6591234567': undefined, '81234567890': undefined, '0065 9123 4567': undefined });
});

test('what cannot be a number is none', () => {
  assertRead('ID', {
    '': undefined,
    '0812': undefined,
    '08123456789012345': undefined,
    '+999 123456789': undefined,
    'call 081234567890': undefined,
    '081234567890 ext. 5': undefined,
    nobody: undefined,
    '+': undefined,
  });
});

test('regions are two letters that stand for a country with numbers', () => {
  assert.deepEqual(['ID', 'id', 'XX', '', 62, undefined].map(isRegion), [
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
