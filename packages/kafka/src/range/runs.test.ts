import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OffsetGap } from '../port.ts';
import type { AbortedTransaction } from './fetch-answer.ts';
import { batchesIn } from './record-batch.ts';
import { runsOf } from './runs.ts';
import { type BatchOf, batchBytes } from './test-support.ts';

const from = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => first + i);

/** Runs by their offsets, and gaps, in the order in which they are told. */
async function told(
  batches: readonly BatchOf[],
  [start, to]: readonly [number, number],
  aborted: readonly AbortedTransaction[] = [],
): Promise<readonly string[]> {
  const lines: string[] = [];
  const part = {
    topic: 't',
    partition: 3,
    from: start,
    to,
    batches: batchesIn(Buffer.concat(batches.map(batchBytes))),
    aborted,
  };
  const gap = (one: OffsetGap) => {
    assert.deepEqual([one.topic, one.partition, one.cause], ['t', 3, 'filtered']);
    lines.push(`gap ${one.from}-${one.to}`);
  };
  for await (const run of runsOf(part, gap)) lines.push(run.map(({ offset }) => offset).join(' '));
  return lines;
}

test('a record is told whole', async () => {
  const part = { topic: 't', partition: 3, from: 7, to: 8, aborted: [] };
  const batches = batchesIn(batchBytes({ offsets: [6, 7, 8] }));
  for await (const run of runsOf({ ...part, batches }, () => assert.fail('no gap is there'))) {
    assert.deepEqual(run, [
      {
        topic: 't',
        partition: 3,
        offset: 7,
        timestamp: 1_007,
        key: Buffer.from('7'),
        value: Buffer.from('value'),
        headers: { h: '7' },
      },
    ]);
  }
});

test('batches that follow each other make one run, cut at both ends', async () => {
  const batches = [{ offsets: [0, 1, 2] }, { offsets: [3, 4] }, { offsets: [5, 6, 7] }, { offsets: [8] }];
  assert.deepEqual(await told(batches, [1, 7]), ['1 2 3 4 5 6']);
  assert.deepEqual(await told(batches, [4, 5]), ['4']);
});

test('what compaction took out is told before what follows it, within a batch, between and after them', async () => {
  const batches = [
    { offsets: [2, 4], first: 0, last: 6 },
    { offsets: [9, 10] },
    { offsets: [], first: 12, last: 14 },
  ];
  assert.deepEqual(await told(batches, [0, 15]), [
    'gap 0-2',
    '2',
    'gap 3-4',
    '4',
    'gap 5-9',
    '9 10',
    'gap 11-15',
  ]);
  assert.deepEqual(await told(batches, [5, 9]), ['gap 5-9']);
  assert.deepEqual(await told(batches, [3, 10]), ['gap 3-4', '4', 'gap 5-9', '9']);
});

test('of an aborted transaction nothing comes; other producers and what comes after it do', async () => {
  const transactional = true;
  const batches: readonly BatchOf[] = [
    { offsets: [0], producerId: 1, transactional },
    { offsets: [1], producerId: 2, transactional },
    { offsets: [2], producerId: 1, transactional },
    { offsets: [3], producerId: 1, marker: 'abort' },
    { offsets: [4], producerId: 1, transactional },
    { offsets: [5], producerId: 2, marker: 'commit' },
    { offsets: [6], producerId: 1, marker: 'commit' },
    { offsets: [7] },
  ];
  const aborted = [{ producerId: 1, firstOffset: 0 }];
  assert.deepEqual(await told(batches, [0, 8], aborted), ['gap 0-1', '1', 'gap 2-4', '4', 'gap 5-7', '7']);
  assert.deepEqual(await told(batches, [2, 4], aborted), ['gap 2-4']);
});

test('a large batch is handed over in runs of bounded size', async () => {
  const runs = await told([{ offsets: from(0, 1_500) }, { offsets: from(1_500, 5_000) }], [0, 6_500]);
  const sizes = runs.map((run) => run.split(' ').length);
  assert.deepEqual(sizes, [...Array.from({ length: 32 }, () => 200), 100]);
  assert.deepEqual(runs.join(' '), from(0, 6_500).join(' '));
});
