import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATUSES, statusOfCode } from './statuses.ts';
import { STATUS_SYMBOLS } from './types.generated.ts';

test('every code of Verihubs has its status, and every other number is UNKNOWN', () => {
  const told = [0, 1, 2, 3, 6, 7, 8, 9, 10, 11].map(statusOfCode);
  assert.deepEqual(told, [
    'REQUESTED',
    'SENT',
    'DELIVERED',
    'READ',
    'FAILED',
    'REQUEST_ERROR',
    'REJECTED',
    'BLOCKED',
    'TIER_LIMIT_EXCEEDED',
    'INVALID_DATA',
  ]);
  assert.deepEqual([4, 5, 12, -1, 99, Number.NaN].map(statusOfCode), Array(6).fill('UNKNOWN'));
});

test('the settling statuses are those of the contract', () => {
  const settling = STATUS_SYMBOLS.filter((status) => STATUSES[status].settling);
  assert.deepEqual(settling, ['ACCEPTED', 'IN_DOUBT', 'REFUSED', 'EXPIRED', 'CANCELLED', 'GAVE_UP']);
});

test('the journey is open in these statuses alone', () => {
  const open = STATUS_SYMBOLS.filter((status) => !STATUSES[status].closing);
  assert.deepEqual(open, ['ATTEMPTED', 'ACCEPTED', 'RETRYING', 'REQUESTED', 'SENT', 'UNKNOWN']);
});

test('Verihubs charges for what it took and did not fail', () => {
  const charged = STATUS_SYMBOLS.filter((status) => STATUSES[status].charged === true);
  assert.deepEqual(charged, ['REQUESTED', 'SENT', 'DELIVERED', 'READ']);
  const unknown = STATUS_SYMBOLS.filter((status) => STATUSES[status].charged === null);
  assert.deepEqual(unknown, ['ATTEMPTED', 'ACCEPTED', 'RETRYING', 'IN_DOUBT', 'UNKNOWN']);
});
