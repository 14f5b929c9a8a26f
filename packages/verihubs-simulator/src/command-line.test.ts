import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from './command-line.ts';
import { startFor } from './test-support.ts';

const read = (...args: string[]) => readCommandLine(['node', 'main.ts', ...args]);

test('without options it is what a simulator is without options, but for its port', async (t) => {
  const { verihubs, logFile, quiet, onStop } = read();
  const { control } = await startFor(t, { ...verihubs, port: 0 });
  const plain = await startFor(t);
  assert.deepEqual(control.settings(), plain.control.settings());
  assert.deepEqual(
    { port: verihubs.port, logFile, quiet, onStop },
    { port: 8090, logFile: null, quiet: false, onStop: 'drop' },
  );
});

test('the rate limit can be another or none', () => {
  assert.equal(read('--max-rps', '7').verihubs.limit?.maxRequestsPerSecond, 7);
  assert.equal(read('--max-rps', 'off').verihubs.limit?.maxRequestsPerSecond, null);
  assert.equal(read('--retry-after-as', 'date').verihubs.limit?.retryAfterAs, 'date');
  assert.equal(read('--retry-after', '2', '--count-refused').verihubs.limit?.retryAfterSeconds, 2);
});

test('times are fixed or a range, and codes a list', () => {
  const { verihubs } = read('--latency', '20..80', '--callback-delay', '5', '--callback-codes', '0,1,6');
  assert.deepEqual(verihubs.faults?.latency, { minMs: 20, maxMs: 80 });
  assert.deepEqual(read('--arrival-jitter', '0..50').verihubs.faults?.arrivalJitter, { minMs: 0, maxMs: 50 });
  assert.deepEqual(verihubs.callbacks?.delayMs, { minMs: 5, maxMs: 5 });
  assert.deepEqual(verihubs.callbacks?.outcomes, [{ codes: [0, 1, 6], weight: 1 }]);
});
