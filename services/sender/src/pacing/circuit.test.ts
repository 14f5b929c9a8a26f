import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCircuit } from './circuit.ts';

const options = { firstMs: 1_000, maxMs: 4_000 };

test('trouble opens it, its time lets one probe out, a good answer to the probe closes it', () => {
  const circuit = createCircuit(options);
  assert.equal(circuit.waitMs(0), 0);
  assert.equal(circuit.sent(), false);
  circuit.trouble(0, 'HTTP 401', false);
  assert.equal(circuit.open, true);
  assert.equal(circuit.reason, 'HTTP 401');
  assert.equal(circuit.waitMs(400), 600);
  assert.equal(circuit.waitMs(1_000), 0);
  assert.equal(circuit.sent(), true);
  assert.equal(circuit.waitMs(1_000), Number.POSITIVE_INFINITY);
  assert.equal(circuit.fine(true), true);
  assert.equal(circuit.waitMs(1_000), 0);
  assert.equal(circuit.fine(false), false);
});

test('each failed probe doubles the wait, up to the longest', () => {
  const circuit = createCircuit(options);
  const waits = [circuit.trouble(0, 'x', false)];
  for (let now = 10_000; now <= 40_000; now += 10_000) waits.push(circuit.trouble(now, 'x', circuit.sent()));
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 4_000, 4_000]);
});

test('late answers to requests that left before it opened neither lengthen nor close it, nor let another probe out', () => {
  const circuit = createCircuit(options);
  circuit.trouble(0, 'x', false);
  assert.equal(circuit.trouble(899.5, 'x', false), 101, 'whole ms');
  assert.equal(circuit.fine(false), false);
  assert.equal(circuit.waitMs(999), 1);
  circuit.sent();
  circuit.inconclusive(false);
  assert.equal(circuit.waitMs(1_000), Number.POSITIVE_INFINITY);
});

test('a probe that never left makes room for another', () => {
  const circuit = createCircuit(options);
  circuit.trouble(0, 'x', false);
  circuit.inconclusive(circuit.sent());
  assert.equal(circuit.waitMs(2_000), 0);
});

test('when it may be tried now the next request is the probe, and no second one while that is out', () => {
  const circuit = createCircuit(options);
  circuit.tryNow(0);
  assert.equal(circuit.open, false);
  circuit.trouble(0, 'HTTP 401', false);
  circuit.tryNow(100);
  assert.equal(circuit.waitMs(100), 0);
  assert.equal(circuit.sent(), true);
  assert.equal(circuit.trouble(300, 'HTTP 401', true), 2_000);
  assert.equal(circuit.waitMs(300), 2_000);
});

test('when it may be tried while a probe is out, another one follows it at once', () => {
  const circuit = createCircuit(options);
  circuit.trouble(0, 'HTTP 401', false);
  circuit.sent();
  circuit.tryNow(1_100);
  assert.equal(circuit.waitMs(1_100), Number.POSITIVE_INFINITY);
  assert.equal(circuit.trouble(1_200, 'HTTP 401', true), 0);
  assert.equal(circuit.waitMs(1_200), 0);
  circuit.sent();
  assert.equal(circuit.trouble(1_300, 'HTTP 401', true), 1_000);
});
