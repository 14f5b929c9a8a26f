/** Doubled: the cluster and its broker, whose answers the test gives. Observed: what is asked of it, and what comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Broker, Cluster } from 'kafkajs';
import { createFetches } from './fetches.ts';

const LONG_MS = 2_000;
const REQUEST = { maxWaitTime: 250, topics: [] };

function setUp(isOfEverything = () => true) {
  const story: string[] = [];
  const answer = Promise.withResolvers<unknown>();
  const connection = (name: string) => ({ rejectRequests: () => void story.push(`${name} rejected`) });
  const broker = {
    connectionPool: { pool: [connection('first'), connection('second')] },
    name: 'broker',
    nameOf(this: { name: string }) {
      return this.name;
    },
    fetch({ maxWaitTime }: typeof REQUEST) {
      story.push(`fetch for ${maxWaitTime} ms`);
      return answer.promise;
    },
  };
  const cluster = { findBroker: async () => broker } as unknown as Pick<Cluster, 'findBroker'>;
  const fetches = createFetches(isOfEverything, LONG_MS);
  fetches.watch(cluster);
  const find = () => cluster.findBroker({ nodeId: '0' });
  return { fetches, find, story, answer };
}

test('a fetch of everything waits long, another one as long as it was told', async () => {
  for (const [everything, waits] of [
    [true, LONG_MS],
    [false, 250],
  ] as const) {
    const { find, story, answer } = setUp(() => everything);
    answer.resolve({ responses: [1] });
    assert.deepEqual(await (await find()).fetch(REQUEST), { responses: [1] });
    assert.deepEqual(story, [`fetch for ${waits} ms`]);
  }
});

test('what a fetch is of counts when the broker is asked for, not when it is found', async () => {
  let everything = false;
  const { find, story, answer } = setUp(() => everything);
  answer.resolve({ responses: [] });
  const finding = find();
  everything = true;
  await (await finding).fetch(REQUEST);
  assert.deepEqual(story, ['fetch for 250 ms']);
});

test('a fetch that is abandoned brings nothing, at once, and its connection waits for no answer', async () => {
  const { fetches, find, story, answer } = setUp();
  const fetched = (await find()).fetch(REQUEST);
  fetches.abandon();
  assert.deepEqual(await fetched, { responses: [] });
  assert.deepEqual(story.slice(1), ['second rejected']);
  answer.reject(new Error('rejected'));
  fetches.abandon();
  assert.equal(story.length, 2);
});

test('a fetch that fails fails, and all else of the broker is as it was', async () => {
  const { find, answer } = setUp();
  const broker: Broker & { nameOf?(): string } = await find();
  assert.equal(broker.nameOf?.(), 'broker');
  answer.reject(new Error('away'));
  await assert.rejects(broker.fetch(REQUEST), /away/);
});
