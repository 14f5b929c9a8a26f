import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createKafkaWatch } from './kafka-watch.ts';

function setUp() {
  const clock = manualClock();
  const lines: string[] = [];
  const kafka = { down: false };
  const watch = createKafkaWatch({
    ping: async () => {
      if (kafka.down) throw new Error('no answer');
    },
    clock,
    log: {
      info: (line: unknown) => lines.push(String(line)),
      warn: (_fields: unknown, line?: unknown) => lines.push(String(line)),
    },
    intervalMs: 1_000,
  });
  return { clock, lines, kafka, watch };
}

test('trouble is told once when it starts and once when it is over', () => {
  const { lines, watch } = setUp();
  watch.acknowledged();
  for (let i = 0; i < 100; i += 1) watch.unacknowledged('no leader');
  assert.deepEqual(watch.health(), { ok: false, problems: ['Kafka: no leader'] });
  for (let i = 0; i < 100; i += 1) watch.acknowledged();
  assert.deepEqual(watch.health(), { ok: true });
  assert.equal(lines.length, 2);
});

test('where nothing is written, Kafka is asked, until the end', async () => {
  const { clock, kafka, watch } = setUp();
  const ending = new AbortController();
  const ended = watch.run(ending.signal);
  kafka.down = true;
  await clock.advance(1_000);
  assert.deepEqual(watch.health(), { ok: false, problems: ['Kafka: no answer'] });
  kafka.down = false;
  await clock.advance(1_000);
  assert.deepEqual(watch.health(), { ok: true });
  ending.abort();
  await ended;
});
