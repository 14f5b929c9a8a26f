import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTally, summaryJson, summaryLines } from './tally.ts';

const DONE = { dryRun: false, interrupted: false, limited: false };

function some() {
  const tally = createTally();
  for (let i = 0; i < 1_200; i++) tally.redriven(i < 3 ? 'otp' : 'marketing');
  tally.leftOut('expired');
  tally.leftOut('expired');
  tally.leftOut('redriven');
  return tally.counts();
}

test('the summary tells what was done, by lane, and why the rest was not', () => {
  assert.deepEqual(summaryLines(some(), DONE), [
    'redriven                   1,200',
    '  otp                          3',
    '  marketing                1,197',
    'left out: expired              2',
    'left out: redriven before      1',
  ]);
});

test('a dry run says what would be', () => {
  assert.match(summaryLines(some(), { ...DONE, dryRun: true })[0] ?? '', /^would be redriven +1,200$/);
});

test('for machines it is one object', () => {
  assert.deepEqual(JSON.parse(summaryJson(some(), { ...DONE, interrupted: true })), {
    dry_run: false,
    interrupted: true,
    limited: false,
    redriven: 1_200,
    lanes: { otp: 3, marketing: 1_197 },
    left_out: { expired: 2, redriven: 1 },
  });
});
