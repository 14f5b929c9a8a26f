import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress } from './progress.ts';

function setUp(isTTY: boolean) {
  const clock = { now: 0 };
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) };
  return { clock, written, progress: createProgress(stream, () => clock.now) };
}

test('a terminal shows one line, ten times a second at most, and has it removed', () => {
  const { clock, written, progress } = setUp(true);
  progress.step('reading', 1, null);
  clock.now = 50;
  progress.step('reading', 2, null);
  clock.now = 100;
  progress.step('redriving', 1_000, 2_000);
  progress.clear();
  progress.clear();
  assert.deepEqual(written, ['\r\u001b[Kreading: 1', '\r\u001b[Kredriving: 1,000 of 2,000', '\r\u001b[K']);
});

test('elsewhere nothing is written', () => {
  const { written, progress } = setUp(false);
  progress.step('reading', 1, null);
  progress.clear();
  assert.deepEqual(written, []);
});
