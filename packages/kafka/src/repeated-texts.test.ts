import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRepeatedTexts } from './repeated-texts.ts';

test('each text is that of its bytes, whatever stood at its place before', () => {
  const texts = createRepeatedTexts();
  const words = [
    'a',
    'a',
    '',
    'b',
    'ab',
    'ü',
    'ü',
    '\u00c3\u00bc',
    'ünïcödé 🎉',
    'x'.repeat(64),
    'y'.repeat(65),
  ];
  for (const place of [0, 1, 63, 64, 1_000_000]) {
    for (const word of [...words, ...words.toReversed()]) {
      assert.equal(texts.at(place, Buffer.from(word)), word);
    }
  }
});

test('bytes that are no UTF-8 are the same text each time', () => {
  const texts = createRepeatedTexts();
  const bytes = Buffer.from([0xff, 0x61]);
  assert.equal(texts.at(0, bytes), bytes.toString());
  assert.equal(texts.at(0, bytes), bytes.toString());
});
