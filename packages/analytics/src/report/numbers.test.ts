import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showCount, showCounted, showDuration, showShare } from './numbers.ts';

const plain = (text: string) => text.replaceAll('\u202f', '_');

test('thousands are parted by thin spaces', () => {
  assert.equal(plain(showCount(1_234_567)), '1_234_567');
  assert.equal(showCounted(1, 'message'), '1 message');
  assert.equal(plain(showCounted(1_000, 'message')), '1_000 messages');
});

test('a share is never rounded to none or all', () => {
  const cases: [number, number, string][] = [
    [0, 10, '0_%'],
    [10, 10, '100_%'],
    [1, 3, '33.3_%'],
    [1, 100_000, '<_0.1_%'],
    [99_999, 100_000, '>_99.9_%'],
    [0, 0, '–'],
  ];
  for (const [part, whole, text] of cases) assert.equal(plain(showShare(part, whole)), text);
});

test('times are shown in the unit that people would use', () => {
  const cases: [number, string][] = [
    [0, '0_ms'],
    [849.6, '850_ms'],
    [1_420, '1.42_s'],
    [12_340, '12.3_s'],
    [125_000, '2_min 5_s'],
    [4_320_000, '1_h 12_min'],
    [273_600_000, '3_d 4_h'],
  ];
  for (const [ms, text] of cases) assert.equal(plain(showDuration(ms)), text);
});
