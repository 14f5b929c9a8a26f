import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCircuit } from './circuit.ts';

const options = { firstMs: 1_000, maxMs: 4_000 };

test('trouble opens it, its time lets one probe out, a good answer closes it', () => {
  const circuit = createCircuit(options);
  assert.equal(circuit.waitMs(0), 0);
  circuit.trouble(0, 'HTTP 401');
  assert.equal(circuit.open, true);
  assert.equal(circuit.reason, 'HTTP 401');
  assert.equal(circuit.waitMs(400), 600);
  assert.equal(circuit.waitMs(1_000), 0);
  circuit.sent();
  assert.equal(circuit.waitMs(1_000), Number.POSITIVE_INFINITY);
  assert.equal(circuit.fine(), true);
  assert.equal(circuit.waitMs(1_000), 0);
  assert.equal(circuit.fine(), false);
});

test('each failed probe doubles the wait, up to the longest', () => {
  const circuit = createCircuit(options);
  const waits = [circuit.trouble(0, 'x')];
  for (let now = 10_000; now <= 40_000; now += 10_000) {
    circuit.sent();
    waits.push(circuit.trouble(now, 'x'));
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 4_000, 4_000]);
});

test('late answers to requests that left before it opened do not lengthen the wait', () => {
  const circuit = createCircuit(options);
  circuit.trouble(0, 'x');
  circuit.trouble(900, 'x');
  assert.equal(circuit.waitMs(1_000), 0);
});

test('a probe that never left makes room for another', () => {
  const circuit = createCircuit(options);
  circuit.trouble(0, 'x');
  circuit.sent();
  circuit.inconclusive();
  assert.equal(circuit.waitMs(2_000), 0);
});
