/** Doubled: the members, which start or do not. Observed: which of them are made, started and stopped. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { GroupConsumer } from './group-consumer.ts';
import { createPersistentMember } from './persistent-member.ts';

const errors: typeof import('kafkajs') = createRequire(import.meta.url)('kafkajs/src/errors.js');
const CLOSED = new errors.KafkaJSConnectionError('Closed connection');

/** @param starts what each member's start comes to; those after them start */
function setUp(retryMs: number, ...starts: readonly (Error | null)[]) {
  const seen: string[] = [];
  let made = 0;
  const newMember = (): GroupConsumer => {
    const n = made++;
    return {
      async start() {
        seen.push(`start ${n}`);
        const error = starts[n];
        if (error) throw error;
      },
      pause: () => void seen.push(`pause ${n}`),
      resume: () => void seen.push(`resume ${n}`),
      isOver: () => n === 0,
      commit: async () => n > 0,
      stop: async () => void seen.push(`stop ${n}`),
    };
  };
  return { seen, member: createPersistentMember(newMember, { warn: () => {} }, retryMs) };
}

test('while Kafka cannot be reached another member is started, and is the one that is spoken to', async () => {
  const { seen, member } = setUp(0, CLOSED, CLOSED);
  await member.start();
  member.pause({ topic: 't', partition: 0 });
  await member.stop();
  assert.deepEqual(seen, ['start 0', 'start 1', 'start 2', 'pause 2', 'stop 2']);
  assert.equal(member.isOver(1), false);
});

test('what trying again does not mend is thrown', async () => {
  const { seen, member } = setUp(0, new Error('there is no such topic'));
  await assert.rejects(member.start(), /no such topic/);
  assert.deepEqual(seen, ['start 0']);
});

test('a stop ends the trying', async () => {
  const { seen, member } = setUp(60_000, CLOSED);
  const starting = member.start();
  await member.stop();
  await assert.rejects(starting);
  assert.deepEqual(seen, ['start 0', 'stop 0']);
});
