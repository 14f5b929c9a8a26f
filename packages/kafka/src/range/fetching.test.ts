import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KafkaJSNonRetriableError, KafkaJSProtocolError } from '../client-library.ts';
import type { FetchAnswer, FetchedPartition } from './fetch-answer.ts';
import { createFetching, type Fetching } from './fetching.ts';
import { type Brought, progressOf } from './progress.ts';
import { errorOfCode, type Position, type Source } from './source.ts';
import { batchBytes } from './test-support.ts';

const OUT_OF_RANGE = 1;
const NOT_LEADER = 6;
const UNAUTHORIZED = 29;
const unreachable = new KafkaJSProtocolError(errorOfCode(NOT_LEADER));

type Answers = (leader: string, positions: readonly Position[]) => FetchAnswer | Error;

const answer = (partitions: readonly FetchedPartition[], throttleMs = 0): FetchAnswer => ({
  throttleMs,
  errorCode: 0,
  partitions,
});

/** Of a log whose batches have one record each, up to `end`; `count` of them. */
function fetched({ partition, next }: Position, end: number, count = 2): FetchedPartition {
  const offsets = Array.from({ length: Math.max(0, Math.min(count, end - next)) }, (_, i) => next + i);
  return {
    topic: 't',
    partition,
    errorCode: 0,
    lastStableOffset: end,
    aborted: [],
    records: Buffer.concat(offsets.map((offset) => batchBytes({ offsets: [offset] }))),
  };
}

const refused = (position: Position, errorCode: number): FetchedPartition => ({
  ...fetched(position, 0),
  errorCode,
});

/** Brokers doubled: who leads what is changed by each `refresh`. */
function fetchingFrom(
  answers: Answers,
  {
    ranges = [[0, 0, 4]],
    leadersAfter = [{ 1: [0] }],
    oldest = 0,
    stepMs = 0,
  }: {
    readonly ranges?: readonly (readonly [number, number, number])[];
    readonly leadersAfter?: readonly Readonly<Record<string, readonly number[]>>[];
    readonly oldest?: number;
    readonly stepMs?: number;
  } = {},
) {
  const asked: string[] = [];
  let refreshes = 0;
  let nowMs = 0;
  const source: Omit<Source, 'close'> = {
    leaders: (partitions) => {
      const leaders = leadersAfter[Math.min(refreshes, leadersAfter.length - 1)] ?? {};
      const wanted = Object.entries(leaders).map(
        ([leader, led]) => [leader, led.filter((one) => partitions.includes(one))] as const,
      );
      return new Map(wanted.filter(([, led]) => led.length > 0));
    },
    async fetch(leader, positions) {
      asked.push(`${leader}: ${positions.map(({ partition, next }) => `${partition}@${next}`).join(' ')}`);
      const given = answers(leader, positions);
      if (given instanceof Error) throw given;
      return given;
    },
    oldest: async () => oldest,
    async refresh() {
      refreshes += 1;
      nowMs += stepMs;
    },
  };
  const progresses = ranges.map(([partition, from, to]) => progressOf(partition, { from, to }));
  const fetching = createFetching({ source, topic: 't', progresses, nowMs: () => nowMs });
  return { fetching, asked };
}

async function readAll(fetching: Fetching): Promise<readonly string[]> {
  const told: string[] = [];
  while (!fetching.isDone()) told.push(...(await fetching.next()).map(shown));
  fetching.close();
  return told;
}

const shown = (one: Brought): string =>
  one.kind === 'part'
    ? `${one.part.partition}: ${one.part.from}-${one.part.to}`
    : `${one.gap.partition}: ${one.gap.cause} ${one.gap.from}-${one.gap.to}`;

test('the next answer is asked for before the one before is used, and no further one', async () => {
  const { fetching, asked } = fetchingFrom(
    (_, positions) => answer(positions.map((one) => fetched(one, 9))),
    {
      ranges: [[0, 0, 9]],
    },
  );
  assert.deepEqual((await fetching.next()).map(shown), ['0: 0-2']);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assert.deepEqual(asked, ['1: 0@0', '1: 0@2']);
  assert.deepEqual(await readAll(fetching), ['0: 2-4', '0: 4-6', '0: 6-8', '0: 8-9']);
});

test('each broker is asked for what it leads', async () => {
  const { fetching, asked } = fetchingFrom(
    (_, positions) => answer(positions.map((one) => fetched(one, 9))),
    {
      ranges: [
        [0, 0, 2],
        [1, 5, 7],
        [2, 0, 1],
      ],
      leadersAfter: [{ 1: [0, 2], 2: [1] }],
    },
  );
  assert.deepEqual((await readAll(fetching)).toSorted(), ['0: 0-2', '1: 5-7', '2: 0-1']);
  assert.deepEqual(asked, ['1: 0@0 2@0', '2: 1@5']);
});

test('who was given something is asked for last', async () => {
  const one = (position: Position, i: number) => fetched(position, 9, i === 0 ? 2 : 0);
  const { fetching, asked } = fetchingFrom((_, positions) => answer(positions.map(one)), {
    ranges: [
      [0, 0, 4],
      [1, 0, 4],
    ],
    leadersAfter: [{ 1: [0, 1] }],
  });
  await readAll(fetching);
  assert.deepEqual(asked, ['1: 0@0 1@0', '1: 1@0 0@2', '1: 0@2 1@2', '1: 1@2']);
});

test('when another broker leads, reading goes on there, where it was', async () => {
  const { fetching, asked } = fetchingFrom(
    (leader, positions) =>
      answer(
        positions.map((one) => (leader === '1' && one.next > 0 ? refused(one, NOT_LEADER) : fetched(one, 9))),
      ),
    { leadersAfter: [{ 1: [0] }, { 2: [0] }] },
  );
  assert.deepEqual(await readAll(fetching), ['0: 0-2', '0: 2-4']);
  assert.deepEqual(asked, ['1: 0@0', '1: 0@2', '2: 0@2']);
});

test('a broker that cannot be reached is tried again, others meanwhile', async () => {
  let attempts = 0;
  const { fetching } = fetchingFrom(
    (leader, positions) =>
      leader === '1' && ++attempts < 3 ? unreachable : answer(positions.map((one) => fetched(one, 9))),
    {
      ranges: [
        [0, 0, 2],
        [1, 0, 6],
      ],
      leadersAfter: [{ 1: [0], 2: [1] }],
    },
  );
  assert.deepEqual(await readAll(fetching), ['1: 0-2', '1: 2-4', '1: 4-6', '0: 0-2']);
});

test('one that is away for a minute is given up, with the reason', async () => {
  const { fetching } = fetchingFrom(() => unreachable, { stepMs: 61_000 });
  await assert.rejects(
    readAll(fetching),
    (error: Error) => /cannot read t/.test(error.message) && error.cause === unreachable,
  );
});

test('what does not pass by itself is thrown at once', async () => {
  const unauthorized = fetchingFrom((_, positions) =>
    answer(positions.map((one) => refused(one, UNAUTHORIZED))),
  );
  await assert.rejects(readAll(unauthorized.fetching), /cannot read t: .*[Aa]uthorized/);
  const fault = new KafkaJSNonRetriableError('a fault');
  await assert.rejects(readAll(fetchingFrom(() => fault).fetching), { cause: fault });
});

test('what was deleted is told as retention, and reading goes on after it', async () => {
  const answers: Answers = (_, positions) =>
    answer(positions.map((one) => (one.next < 3 ? refused(one, OUT_OF_RANGE) : fetched(one, 9))));
  assert.deepEqual(await readAll(fetchingFrom(answers, { oldest: 3 }).fetching), [
    '0: retention 0-3',
    '0: 3-4',
  ]);
  assert.deepEqual(await readAll(fetchingFrom(answers, { oldest: 7 }).fetching), ['0: retention 0-4']);
});

test('a range beyond the end of the log ends', async () => {
  const outOfRange: Answers = (_, positions) => answer(positions.map((one) => refused(one, OUT_OF_RANGE)));
  assert.deepEqual(await readAll(fetchingFrom(outOfRange, { ranges: [[0, 5, 9]] }).fetching), []);
  const short: Answers = (_, positions) => answer(positions.map((one) => fetched(one, 1)));
  assert.deepEqual(await readAll(fetchingFrom(short).fetching), ['0: 0-1']);
});

test('a broker that leads since a moment, and has not heard yet how much is committed, ends nothing', async () => {
  let answers = 0;
  const { fetching } = fetchingFrom((_, positions) =>
    answer(positions.map((one) => fetched(one, answers++ < 2 ? 1 : 9))),
  );
  assert.deepEqual(await readAll(fetching), ['0: 0-1', '0: 1-3', '0: 3-4']);
});

test('an end that compaction took out is told, once the log has said so again and again', async () => {
  const answers: Answers = (_, positions) =>
    answer(positions.map((one) => ({ ...fetched(one, 2), lastStableOffset: 4 })));
  const { fetching, asked } = fetchingFrom(answers);
  assert.deepEqual(await readAll(fetching), ['0: 0-2', '0: filtered 2-4']);
  assert.equal(asked.length, 4);
});

test('an answer that leaves partitions out, as a broker gives whom it throttles, ends nothing', async () => {
  let throttled = 5;
  const { fetching } = fetchingFrom((_, positions) =>
    throttled-- > 0 ? answer([], 10) : answer(positions.map((one) => fetched(one, 9))),
  );
  assert.deepEqual(await readAll(fetching), ['0: 0-2', '0: 2-4']);
});
