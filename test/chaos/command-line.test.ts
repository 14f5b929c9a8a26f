import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine, UsageError } from './command-line.ts';

test('without options a run takes five minutes, with three senders', () => {
  assert.deepEqual(readCommandLine([]), { minutes: 5, seed: 1, replicas: 3, rate: 35, guardMs: 250 });
});

test('options are read', () => {
  const args = [
    '--minutes',
    '0.5',
    '--seed',
    '7',
    '--replicas',
    '2',
    '--rate',
    '20',
    '--guard',
    '500',
    '--keep',
    'logs',
  ];
  assert.deepEqual(readCommandLine(args), {
    minutes: 0.5,
    seed: 7,
    replicas: 2,
    rate: 20,
    guardMs: 500,
    keep: 'logs',
  });
  assert.equal(readCommandLine(['--help']), null);
});

for (const args of [
  ['--minutes', 'five'],
  ['--seed', '1.5'],
  ['--replicas', '0'],
  ['--rate='],
  ['--fast'],
  ['7'],
]) {
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(() => readCommandLine(args), UsageError);
  });
}
