import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createKafkaState } from './kafka-state.ts';

const TROUBLE = 'Kafka does not take events: the spool keeps them';
const OVER = 'Kafka takes events again';

function setUp() {
  const lines: string[] = [];
  const clock = manualClock(1_000);
  const state = createKafkaState(clock, {
    info: (line: unknown) => lines.push(String(line)),
    warn: (_fields: unknown, line?: unknown) => lines.push(String(line)),
  });
  return { lines, clock, state };
}

test('trouble is told once when it starts and once when it is over', () => {
  const { lines, state } = setUp();
  state.acknowledged();
  assert.equal(state.trouble(), null);
  for (let i = 0; i < 100; i += 1) state.unacknowledged(`no leader, ${i}`);
  assert.equal(state.trouble(), 'no leader, 99');
  for (let i = 0; i < 100; i += 1) state.acknowledged();
  assert.equal(state.trouble(), null);
  assert.deepEqual(lines, [TROUBLE, OVER]);
});

test('trouble that comes and goes every moment is known, and told now and then', async () => {
  const { lines, clock, state } = setUp();
  for (let i = 0; i < 20; i += 1) {
    state.unacknowledged('no leader');
    assert.equal(state.trouble(), 'no leader');
    state.acknowledged();
    assert.equal(state.trouble(), null);
    await clock.advance(1_000);
  }
  assert.deepEqual(lines, [TROUBLE, OVER, TROUBLE, OVER]);
});

test('an attempt that began before the last acknowledgement and fails after it is no trouble', async () => {
  const { clock, state } = setUp();
  const beganMs = clock.monotonic();
  await clock.advance(500);
  state.acknowledged();
  await clock.advance(500);
  state.unacknowledged('no answer', beganMs);
  assert.equal(state.trouble(), null);
  state.unacknowledged('no answer', clock.monotonic());
  assert.equal(state.trouble(), 'no answer');
});
