import assert from 'node:assert/strict';
import { test } from 'node:test';
import { briefly, faultsInLog } from './sender-logs.ts';

const line = (level: string, msg: string) => JSON.stringify({ level, name: 'sender', msg });

test('trouble that is lived with is no fault of a sender', () => {
  const log = [
    line('info', 'standing by'),
    line('error', 'Kafka is away'),
    line('fatal', 'ended by force'),
    '',
  ];
  assert.deepEqual(faultsInLog(log.join('\n')), []);
});

for (const fault of [
  line('fatal', 'sender cannot go on'),
  line('error', 'a record could not be dealt with'),
  'TypeError: Cannot read properties of undefined',
]) {
  test(`a fault of a sender is found: ${fault}`, () => {
    assert.deepEqual(faultsInLog(`${line('info', 'standing by')}\n${fault}\n`), [briefly(fault)]);
  });
}
