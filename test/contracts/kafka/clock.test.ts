/**
 * What our adapter over kafkajs does when the wall clock is set, against a real broker. Doubled: the wall clock of
 * this process. Observed: what a member and a reader tell for longer than the member's session.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka } from '@whatsapp-stream/kafka';
import { useStack } from '../../support/stack.ts';
import { activeEpoch, SESSION_TIMEOUT_MS, startMember } from './member.ts';
import { createWorld } from './world.ts';

const HOUR_MS = 3_600_000;
const LOOK_MS = 50;
const none = () => undefined;
const log = { debug: none, info: none, warn: none, error: none };

/** @returns what sets this process's wall clock; it is as it was after the test */
function useWallClock(t: TestContext): (aheadMs: number) => void {
  let ahead = 0;
  const now = Date.now.bind(Date);
  t.mock.method(Date, 'now', () => now() + ahead);
  return (aheadMs) => {
    ahead = aheadMs;
  };
}

test('a member stays the active one and holds its lease when the wall clock is set back and forward', async (t) => {
  const { brokers } = await useStack();
  const world = createWorld(brokers.split(','), (options) =>
    createKafka({ ...options, clientId: 'clock', log }),
  );
  const group = world.newName();
  const topic = await world.newTopic();
  const setClock = useWallClock(t);
  const member = await startMember(t, world, { group, topics: [topic] });
  const epoch = await activeEpoch(member);
  for (const [round, aheadMs] of [-HOUR_MS, HOUR_MS].entries()) {
    setClock(aheadMs);
    const until = performance.now() + 1.5 * SESSION_TIMEOUT_MS;
    while (performance.now() < until) {
      assert.equal(member.consumer.holdsLease(epoch), true);
      await sleep(LOOK_MS);
    }
    assert.equal(await world.foreign.memberCount(group), 1);
    await world.write(topic, 1, round);
    await member.until('what is new is delivered', () => member.records.length === round + 1);
    const commit = { topic, partition: 0, offset: round + 1, metadata: '' };
    assert.equal(await member.consumer.commit(epoch, [commit]), true);
  }
  assert.deepEqual([member.activations(), member.failures], [1, []]);
});
