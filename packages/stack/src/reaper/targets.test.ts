import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOrder, type Order, parseOrder } from './targets.ts';

const orders: readonly Order[] = [
  { forget: false, target: { kind: 'process', id: '123' } },
  { forget: true, target: { kind: 'process', id: '123' } },
  { forget: false, target: { kind: 'container', id: 'whatsapp-stream-kafka-1' } },
  { forget: true, target: { kind: 'folder', id: '/tmp/a folder' } },
];

for (const order of orders) {
  test(`"${formatOrder(order)}" is read as it was meant`, () => {
    assert.deepEqual(parseOrder(formatOrder(order)), order);
  });
}

for (const line of [
  '',
  'process',
  'process 0',
  'process 1',
  'process -5',
  'process 12x',
  'folder relative',
  'rm /',
]) {
  test(`"${line}" is no order`, () => {
    assert.equal(parseOrder(line), undefined);
  });
}
