import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from 'kafkajs';
import { createFeed, type FeedOwner } from './feed.ts';

const t0 = { topic: 't', partition: 0 };
const KEY = 't/0';

/** A batch fetched at `fetchedOffset` with these offsets for readers, whose last record, filtered or not, is `last`. */
function batch(
  fetchedOffset: number,
  offsets: readonly number[],
  last = offsets.at(-1) ?? fetchedOffset,
): Batch {
  const messages = offsets.map((offset) => ({
    offset: String(offset),
    timestamp: '1700000000000',
    key: Buffer.from('k'),
    value: Buffer.from(`v${offset}`),
    headers: { one: Buffer.from('1'), many: [Buffer.from('a'), Buffer.from('b')], none: undefined },
  }));
  return {
    ...t0,
    fetchedOffset: String(fetchedOffset),
    messages,
    lastOffset: () => String(last),
  } as unknown as Batch;
}

function world(owner: Partial<FeedOwner> = {}) {
  const seen: string[] = [];
  const resolved: string[] = [];
  const sought: string[] = [];
  const paused = new Set<string>();
  const feed = createFeed(
    { seek: ({ offset }) => sought.push(offset) },
    {
      records: (records) => seen.push(records.map(({ offset }) => offset).join()),
      filtered: ({ from, to }) => seen.push(`filtered ${from}-${to}`),
      jumped: ({ from, to }) => seen.push(`jumped ${from}-${to}`),
      isPaused: (key) => paused.has(key),
      ...owner,
    },
  );
  feed.positions.startAt(KEY, 5);
  const take = (of: Batch) => feed.take(of, (offset) => resolved.push(offset));
  return { feed, seen, resolved, sought, paused, take, next: () => feed.positions.next(KEY) };
}

test('consecutive batches are handed on, and kafkajs told how far', () => {
  const { take, seen, resolved, next } = world();
  take(batch(5, [5, 6]));
  take(batch(7, [7]));
  assert.deepEqual([seen, resolved, next()], [['5,6', '7'], ['6', '7'], 8]);
});

test('holes within a batch, and filtered records at its ends, are told as gaps between its runs', () => {
  const { take, seen, next } = world();
  take(batch(5, [6, 7, 10], 12));
  assert.deepEqual(seen, ['filtered 5-6', '6,7', 'filtered 8-10', '10', 'filtered 11-13']);
  assert.equal(next(), 13);
});

test('a batch of filtered records only moves the position, and is told as a gap', () => {
  const { feed, take, seen, next } = world();
  feed.notice({ ...t0, batchSize: 0, firstOffset: '5', lastOffset: '8' });
  take(batch(9, [9]));
  feed.notice({ ...t0, batchSize: 0, firstOffset: null, lastOffset: '10' });
  assert.deepEqual([seen, next()], [['filtered 5-9', '9', 'filtered 10-11'], 11]);
});

test('notices of other batches, of elsewhere and of partitions not started change nothing', () => {
  const { feed, seen, next } = world();
  feed.notice({ ...t0, batchSize: 3, firstOffset: '5', lastOffset: '8' });
  feed.notice({ ...t0, batchSize: 0, firstOffset: '2', lastOffset: '3' });
  feed.notice({ topic: 'other', partition: 0, batchSize: 0, firstOffset: '5', lastOffset: '8' });
  assert.deepEqual([seen, next()], [[], 5]);
});

test('a jump is sought again once, then taken and told', () => {
  const { take, seen, sought, resolved } = world();
  take(batch(8, [8]));
  assert.deepEqual([seen, sought, resolved], [[], ['5'], []]);
  take(batch(8, [8]));
  assert.deepEqual([seen, sought], [['jumped 5-8', '8'], ['5']]);
});

test('a paused partition is handed nothing, and goes on with what was held back', () => {
  const { take, seen, paused, resolved } = world();
  paused.add(KEY);
  take(batch(5, [5, 6]));
  assert.deepEqual([seen, resolved], [[], []]);
  paused.delete(KEY);
  take(batch(5, [5, 6]));
  assert.deepEqual(seen, ['5,6']);
});

test('a pause, or the end of the epoch, between two runs of a batch holds the second one back', () => {
  for (const stop of ['pause', 'end'] as const) {
    const { take, seen, resolved, feed, paused } = world({
      records(records) {
        seen.push(String(records[0]?.offset));
        if (stop === 'pause') paused.add(KEY);
        else feed.positions.clear();
      },
    });
    take(batch(5, [5, 7]));
    assert.deepEqual(seen.slice(0, 1), ['5']);
    assert.equal(seen.includes('7'), false);
    assert.deepEqual(resolved, ['5']);
  }
});

test('a batch of thousands is handed on in parts, so that a pause in the middle holds the rest back', () => {
  const handed: number[] = [];
  const { take, paused, resolved } = world({
    records(records) {
      handed.push(records.length);
      if (handed.length === 2) paused.add(KEY);
    },
  });
  const offsets = Array.from({ length: 5_000 }, (_, i) => 5 + i);
  take(batch(5, offsets));
  const [first = 0, second = 0] = handed;
  assert.ok(handed.length === 2 && first + second <= 500);
  assert.equal(resolved.at(-1), String(5 + first + second - 1));
});

test('the position includes what is being handed over, and not what follows', () => {
  const positions: unknown[] = [];
  const { take, feed } = world({ records: () => positions.push(feed.positions.next(KEY)) });
  take(batch(5, [5, 8]));
  assert.deepEqual(positions, [6, 9]);
});

test('of a repeated header the last value is taken; a header without value has none', () => {
  let headers: unknown;
  const { take } = world({
    records: ([record]) => {
      headers = record?.headers;
    },
  });
  take(batch(5, [5]));
  assert.deepEqual(headers, { one: '1', many: 'b', none: undefined });
});
