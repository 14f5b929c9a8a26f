import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { activeEpoch, type Member, startMember } from './member.ts';
import type { World } from './world.ts';

const LOOK_MS = 1;

/** A member's lease ends without a word, so it is looked at again and again. */
async function whileEpoch(member: Member, epoch: number, look: () => boolean): Promise<void> {
  while (member.epoch() === epoch && look()) await sleep(LOOK_MS);
}

export function leaseContract(inWorld: () => World): void {
  test('an answer to a heartbeat that comes after the session gives no lease; one to a fresh one does', async (t) => {
    const group = inWorld().newName();
    const way = await inWorld().newWay(t);
    const topics = [await inWorld().newTopic()];
    const member = await startMember(t, inWorld(), { group, topics, brokers: [way.address] });
    const epoch = await activeEpoch(member);
    const holds = () => member.consumer.holdsLease(epoch);
    assert.equal(holds(), true);

    await way.holdAnswers();
    await whileEpoch(member, epoch, holds);
    assert.equal(holds(), false);
    while ((await inWorld().foreign.memberCount(group)) > 0);
    assert.equal(member.epoch(), epoch);

    way.releaseAnswers();
    await whileEpoch(member, epoch, () => !holds());
    assert.equal(holds(), false);
    const next = await activeEpoch(member);
    assert.ok(next > epoch);
    assert.equal(member.consumer.holdsLease(next), true);
  });
}
