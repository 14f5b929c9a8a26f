import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKafkaState } from './kafka-state.ts';

test('trouble is told once when it starts and once when it is over', () => {
  const lines: string[] = [];
  const state = createKafkaState({
    info: (line: unknown) => lines.push(String(line)),
    warn: (_fields: unknown, line?: unknown) => lines.push(String(line)),
  });
  state.acknowledged();
  assert.equal(state.trouble(), null);
  for (let i = 0; i < 100; i += 1) state.unacknowledged(`no leader, ${i}`);
  assert.equal(state.trouble(), 'no leader, 99');
  for (let i = 0; i < 100; i += 1) state.acknowledged();
  assert.equal(state.trouble(), null);
  assert.deepEqual(lines, ['Kafka does not take events: the spool keeps them', 'Kafka takes events again']);
});
