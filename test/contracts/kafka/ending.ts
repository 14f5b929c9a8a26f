import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeEpoch, type MemberOptions, startMember } from './member.ts';
import { startReader } from './reading.ts';
import { adminFor, type World } from './world.ts';

/** Well below the session time-out: a member that has left is not waited for. */
const LEFT_WITHIN_MS = 4_000;
const fault = new TypeError('a fault of the owner');
const throwFault = () => {
  throw fault;
};
const HANDLERS: readonly (keyof NonNullable<MemberOptions['handlers']>)[] = [
  'epochEnded',
  'activated',
  'records',
  'gap',
];

const silent = () => undefined;
const SILENT = {
  epochEnded: silent,
  activated: silent,
  standingBy: silent,
  records: silent,
  gap: silent,
  failed: silent,
};

export function endingContract(inWorld: () => World): void {
  for (const handler of HANDLERS) {
    test(`a consumer whose handler of ${handler} throws tells so, ends and leaves the group`, async (t) => {
      const group = inWorld().newName();
      const topic = await inWorld().newTopic();
      await inWorld().write(topic, 3);
      await inWorld().foreign.writeTransaction(topic, ['never'], 'abort');
      const handlers = { [handler]: throwFault };
      const broken = await startMember(t, inWorld(), { group, topics: [topic], handlers });
      await broken.until('the fault is told', () => broken.failures.length > 0);
      assert.equal(broken.failures[0]?.cause, fault);

      const next = await startMember(t, inWorld(), { group, topics: [topic] });
      await next.until('another one takes over', () => next.records.length === 3, LEFT_WITHIN_MS);
      assert.equal(broken.failures.length, 1);
      assert.equal(broken.records.length, handler === 'gap' ? 3 : 0);
    });
  }

  test('a standby whose handler throws tells so and ends', async (t) => {
    const group = inWorld().newName();
    const topics = [await inWorld().newTopic()];
    await activeEpoch(await startMember(t, inWorld(), { group, topics }));
    const handlers = { standingBy: throwFault };
    const standby = await startMember(t, inWorld(), { group, topics, handlers });
    await standby.until('the fault is told', () => standby.failures.length > 0);
    assert.equal(standby.failures[0]?.cause, fault);
  });

  for (const handler of ['records', 'gap'] as const) {
    test(`a topic reader whose handler of ${handler} throws tells so and ends`, async (t) => {
      const topic = await inWorld().newTopic();
      await inWorld().write(topic, 3);
      await inWorld().foreign.writeTransaction(topic, ['never'], 'abort');
      const noting = await startReader(inWorld(), topic, 'beginning', { [handler]: throwFault });
      t.after(() => noting.reader.close());
      await noting.until('the fault is told', () => noting.failures.length > 0);
      assert.equal(noting.failures[0]?.cause, fault);
      await noting.reader.close();
      assert.equal(noting.failures.length, 1);
    });
  }

  test('a consumer of a topic that does not exist names it, and creates nothing', async (t) => {
    const there = await inWorld().newTopic();
    const missing = inWorld().newName();
    const starting = startMember(t, inWorld(), { group: inWorld().newName(), topics: [there, missing] });
    await assert.rejects(starting, (error: Error) => error.message.includes(missing));
    const admin = await adminFor(t, inWorld());
    assert.equal(await admin.describeTopic(missing), null);
  });

  test('a reader of a topic that does not exist names it, and creates nothing', async (t) => {
    const missing = inWorld().newName();
    const starting = startReader(inWorld(), missing, 'beginning');
    await assert.rejects(starting, (error: Error) => error.message.includes(missing));
    const admin = await adminFor(t, inWorld());
    assert.equal(await admin.describeTopic(missing), null);
  });

  test('a consumer that is stopped while it starts does not stay in the group', async (t) => {
    const group = inWorld().newName();
    const topics = [await inWorld().newTopic()];
    const admin = await adminFor(t, inWorld());
    for (const turns of [0, 1, 10, 100]) {
      const kafka = inWorld().newKafka();
      const consumer = kafka.exclusiveConsumer({ group, topics, sessionTimeoutMs: 6_000 }, SILENT);
      const starting = consumer.start();
      for (let turn = 0; turn < turns; turn++) await admin.brokerCount();
      await consumer.stop();
      await starting.catch(() => undefined);
    }
    const next = await startMember(t, inWorld(), { group, topics });
    await next.until('the next one is active', () => next.active() !== undefined, LEFT_WITHIN_MS);
    assert.equal(await inWorld().foreign.memberCount(group), 1);
  });

  test('after a stop, a second one, pause and resume do no harm, and nothing more is delivered', async (t) => {
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 3);
    const member = await startMember(t, inWorld(), {
      group: inWorld().newName(),
      topics: [topic],
      resume: false,
    });
    await activeEpoch(member);
    const stopped = member.consumer.stop();
    member.consumer.resume({ topic, partition: 0 });
    await Promise.all([stopped, member.consumer.stop()]);
    member.consumer.pause({ topic, partition: 0 });
    member.consumer.resume({ topic, partition: 0 });
    assert.deepEqual([member.records, member.failures], [[], []]);
  });
}
