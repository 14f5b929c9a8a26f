import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AssignedPartition, KafkaRecord, OffsetRange } from '@whatsapp-stream/kafka';
import { newStatusEvent } from '@whatsapp-stream/schemas';
import { earliest, foldHistory, type History } from './history.ts';

const TOPIC = 'whatsapp.status';
const WRITTEN_EVERY_MS = 1_000;
const unused = () => assert.fail('not expected to be called');

/** Partitions of 100 records, one a second since 1970, doubled; the names of what is folded are noted. */
function logOf(startsAt: readonly number[], options: Partial<History>, failures = 0) {
  const asked: ReadonlyMap<number, OffsetRange>[] = [];
  const folded: string[] = [];
  let failed = 0;
  const record = (partition: number, offset: number): KafkaRecord => ({
    topic: TOPIC,
    partition,
    offset,
    timestamp: offset * WRITTEN_EVERY_MS,
    key: null,
    value: null,
    headers: {},
  });
  const history: History = {
    topic: TOPIC,
    windowMs: 10_000,
    maxEvents: 1_000,
    decode: ({ partition, offset }) => {
      const fields = { status: 'SENT', origin: 'CALLBACK', occurred_at: 0 } as const;
      if (offset % 10 === 0) return { ok: false, code: 'EMPTY', text: '' };
      const value = newStatusEvent({ event_id: `${partition}/${offset}`, ...fields });
      return { ok: true, value, schemaId: 1, unknownFields: false };
    },
    now: () => 105_000,
    fold: ({ event_id }) => void folded.push(event_id),
    kafka: {
      async *readRange(_topic, ranges) {
        if (failed++ < failures) throw new Error('away');
        asked.push(ranges);
        for (const [partition, { from, to }] of ranges)
          yield Array.from({ length: to - from }, (_, i) => record(partition, from + i));
      },
      admin: async () => ({
        createTopic: unused,
        addPartitions: unused,
        describeTopic: unused,
        committed: unused,
        brokerCount: unused,
        offsets: async () => new Map(startsAt.map((_, partition) => [partition, { low: 0, high: 100 }])),
        offsetsAt: async (_topic, time) =>
          new Map(
            startsAt.map((_, partition) => [partition, Math.min(100, Math.ceil(time / WRITTEN_EVERY_MS))]),
          ),
        close: async () => undefined,
      }),
    },
    ...options,
  };
  const assigned = startsAt.map(
    (at, partition): AssignedPartition => ({ topic: TOPIC, partition, committed: null, startsAt: at }),
  );
  return { asked, folded, run: (signal: AbortSignal) => foldHistory(history, assigned, signal) };
}

const { signal } = new AbortController();

test('each partition is read as far back as the window reaches from its own first event', async () => {
  const log = logOf([50, 80, 0], {});
  await log.run(signal);
  const read = [...(log.asked.at(-1) ?? [])];
  assert.deepEqual(read, [
    [0, { from: 40, to: 50 }],
    [1, { from: 70, to: 80 }],
  ]);
  assert.equal(log.folded.length, 18);
  assert.ok(!log.folded.includes('0/40'), 'what cannot be read is passed over');
});

test('where nothing waits the window counts back from now; where nothing is in it, nothing is read', async () => {
  const log = logOf([100], {});
  await log.run(signal);
  assert.deepEqual([...(log.asked.at(-1) ?? [])], [[0, { from: 95, to: 100 }]]);
  const old = logOf([100], { windowMs: 1_000 });
  await old.run(signal);
  assert.deepEqual(old.asked, []);
});

test('no more events are read than are allowed, of all partitions together', async () => {
  const log = logOf([50, 80], { windowMs: 1e9, maxEvents: 10 });
  await log.run(signal);
  assert.deepEqual(
    [...(log.asked.at(-1) ?? [])],
    [
      [0, { from: 45, to: 50 }],
      [1, { from: 75, to: 80 }],
    ],
  );
  assert.deepEqual([earliest(0, 7, 2.5), earliest(6, 7, 100), earliest(0, 7, 100)], [4, 6, 0]);
});

test('Kafka is asked again when it does not answer, unless it is over', async () => {
  const log = logOf([50], {}, 1);
  await log.run(signal);
  assert.equal(log.folded.length, 9);
  const over = logOf([50], {}, 1);
  await over.run(AbortSignal.abort());
  assert.deepEqual(over.folded, []);
});
