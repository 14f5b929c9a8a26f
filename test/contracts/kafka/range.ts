import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Kafka, KafkaRecord, OffsetGap, OffsetRange, ReadRangeOptions } from '@whatsapp-stream/kafka';
import { readAll } from './reading.ts';
import { adminFor, keysOf, numbers, type World } from './world.ts';

type Ranges = readonly (readonly [partition: number, from: number, to: number])[];

const asMap = (ranges: Ranges): ReadonlyMap<number, OffsetRange> =>
  new Map(ranges.map(([partition, from, to]) => [partition, { from, to }]));

/** All that is read of the ranges, by partition and offset; every run is checked for what the port says of it. */
async function read(kafka: Kafka, topic: string, ranges: Ranges, options: ReadRangeOptions = {}) {
  const gaps: OffsetGap[] = [];
  const records: KafkaRecord[] = [];
  const next = new Map(ranges.map(([partition, from]) => [partition, from]));
  const gap = (one: OffsetGap) => {
    assert.equal(one.from, next.get(one.partition));
    next.set(one.partition, one.to);
    gaps.push(one);
    options.gap?.(one);
  };
  for await (const run of kafka.readRange(topic, asMap(ranges), { ...options, gap })) {
    assert.ok(run.length > 0);
    for (const record of run) {
      assert.equal(record.offset, next.get(record.partition), 'neither twice nor left out without a word');
      next.set(record.partition, record.offset + 1);
      records.push(record);
    }
  }
  return {
    gaps,
    next,
    records: records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset),
  };
}

const MANY = 12_000;

/** Writes 12 MB, which no single fetch brings. @returns the whole of each partition */
async function writeMuch(world: World, topic: string): Promise<Ranges> {
  const producer = await world.newKafka().producer();
  // Not compressed by our producer, which does so with what is large together.
  const value = Buffer.alloc(1_000, 'x');
  for (let from = 0; from < MANY; from += 500) {
    await producer.send(
      Array.from({ length: 500 }, (_, i) => ({
        topic,
        key: String(from + i),
        value,
        headers: { n: String(from + i) },
      })),
    );
  }
  await producer.close();
  const admin = await world.newKafka().admin();
  const ends = await admin.offsets(topic);
  await admin.close();
  return [...ends].map(([partition, { high }]) => [partition, 0, high]);
}

/** A signal that is aborted when the test ends, so that nothing is left open by a test that fails. */
function endWith(t: TestContext): AbortSignal {
  const end = new AbortController();
  t.after(() => end.abort());
  return end.signal;
}

export function rangeContract(inWorld: () => World): void {
  test('a range is what lies in it, cut out of larger batches, whatever comes after it', async () => {
    const topic = await inWorld().newTopic(3);
    await inWorld().write(topic, 300);
    const all = await readAll(inWorld(), topic);
    const ranges: Ranges = [
      [0, 10, 50],
      [2, 0, 1],
    ];
    const { records, gaps } = await read(inWorld().newKafka(), topic, ranges);
    const within = ({ partition, offset }: KafkaRecord) =>
      ranges.some(([of, from, to]) => of === partition && offset >= from && offset < to);
    assert.deepEqual(records, all.filter(within));
    assert.equal(records.length, 41);
    assert.deepEqual(gaps, []);
  });

  test('more than one fetch brings is read to its end, in order and once', async () => {
    const topic = await inWorld().newTopic(4);
    const ends = await writeMuch(inWorld(), topic);
    const { records, next } = await read(inWorld().newKafka(), topic, ends);
    assert.equal(records.length, MANY);
    assert.deepEqual(
      [...next],
      ends.map(([partition, , to]) => [partition, to]),
    );
    assert.ok(records.every((record) => record.headers['n'] === String(record.key)));
  });

  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    test(`a batch that is compressed by ${codec} is read, and cut`, async () => {
      const topic = await inWorld().newTopic();
      await inWorld().foreign.writeCompressed(topic, numbers(0, 50), codec);
      const { records } = await read(inWorld().newKafka(), topic, [[0, 20, 30]]);
      assert.deepEqual(keysOf(records), numbers(20, 30));
      assert.deepEqual(
        records.map(({ value }) => String(value)),
        numbers(20, 30),
      );
    });
  }

  test('aborted and control records are told as filtered, and a range that ends with them ends', async () => {
    const topic = await inWorld().newTopic();
    // Offsets 0-1 committed, 2 its marker, 3-5 aborted, 6 its marker, 7 plain, 8 aborted, 9 its marker.
    await inWorld().foreign.writeTransaction(topic, ['c0', 'c1'], 'commit');
    await inWorld().foreign.writeTransaction(topic, ['x0', 'x1', 'x2'], 'abort');
    await inWorld().write(topic, 1);
    await inWorld().foreign.writeTransaction(topic, ['x3'], 'abort');
    for (const [from, to, keys] of [
      [0, 10, ['c0', 'c1', '0']],
      [0, 3, ['c0', 'c1']],
      [4, 5, []],
      [4, 8, ['0']],
      [8, 10, []],
    ] as const) {
      const { records, gaps, next } = await read(inWorld().newKafka(), topic, [[0, from, to]]);
      assert.deepEqual(keysOf(records), keys, `${from} to ${to}`);
      assert.equal(next.get(0), to, `every offset of ${from} to ${to} is delivered or told`);
      assert.ok(gaps.every(({ cause }) => cause === 'filtered'));
    }
  });

  test('what retention has deleted is told, and the rest is read', async () => {
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 10);
    await inWorld().foreign.deleteBefore(topic, 6);
    const retention = { topic, partition: 0, cause: 'retention' } as const;
    const rest = await read(inWorld().newKafka(), topic, [[0, 2, 9]]);
    assert.deepEqual(keysOf(rest.records), numbers(6, 9));
    assert.deepEqual(rest.gaps, [{ ...retention, from: 2, to: 6 }]);
    const gone = await read(inWorld().newKafka(), topic, [[0, 2, 5]]);
    assert.deepEqual([gone.records, gone.gaps], [[], [{ ...retention, from: 2, to: 5 }]]);
    await inWorld().foreign.deleteBefore(topic, 10);
    const emptied = await read(inWorld().newKafka(), topic, [[0, 0, 10]]);
    assert.deepEqual([emptied.records, emptied.gaps], [[], [{ ...retention, from: 0, to: 10 }]]);
  });

  test('a range that holds nothing, or reaches beyond the end of the log, ends', async () => {
    const topic = await inWorld().newTopic(2);
    const { partition } = (await inWorld().write(topic, 1))[0] ?? { partition: 0 };
    const kafka = inWorld().newKafka();
    for (const [from, to] of [
      [1, 1],
      [1, 0],
      [1, 5],
      [7, 9],
    ] as const) {
      assert.deepEqual((await read(kafka, topic, [[partition, from, to]])).records, [], `${from} to ${to}`);
    }
    assert.deepEqual((await read(kafka, topic, [])).records, []);
    const beyond: Ranges = [
      [0, 0, 1_000],
      [1, 0, 1_000],
    ];
    assert.deepEqual(keysOf((await read(kafka, topic, beyond)).records), ['0']);
  });

  test('a topic or partition that does not exist is named, and not created', async (t) => {
    const kafka = inWorld().newKafka();
    const missing = inWorld().newName();
    await assert.rejects(read(kafka, missing, [[0, 0, 1]]), (error: Error) =>
      error.message.includes(missing),
    );
    const topic = await inWorld().newTopic(2);
    const three: Ranges = [
      [0, 0, 1],
      [7, 0, 1],
    ];
    await assert.rejects(read(kafka, topic, three), (error: Error) =>
      error.message.includes(`${topic} has no partition 7`),
    );
    const admin = await adminFor(t, inWorld());
    assert.equal(await admin.describeTopic(missing), null);
  });

  test('a reading goes on where it was when the broker is back', async (t) => {
    const topic = await inWorld().newTopic(2);
    const ends = await writeMuch(inWorld(), topic);
    const way = await inWorld().newWay(t);
    let restored: Promise<void> | undefined;
    const passed = await read(viaWay(), topic, ends, { signal: endWith(t) });
    await restored;
    assert.equal(passed.records.length, MANY);

    function viaWay(): Kafka {
      const kafka = inWorld().newKafka([way.address]);
      return {
        ...kafka,
        async *readRange(of, ranges, options) {
          for await (const run of kafka.readRange(of, ranges, options)) {
            yield run;
            if (restored) continue;
            await way.cut();
            // Back after some attempts in vain.
            restored = new Promise((resolve) => setTimeout(resolve, 1_500)).then(way.restore);
          }
        },
      };
    }
  });

  test('there is no group for it, before, while and after it reads', async () => {
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 5_000);
    const seen: (string | undefined)[] = [await inWorld().foreign.groupReading(topic)];
    for await (const _ of inWorld()
      .newKafka()
      .readRange(topic, asMap([[0, 0, 5_000]]))) {
      seen.push(await inWorld().foreign.groupReading(topic));
    }
    seen.push(await inWorld().foreign.groupReading(topic));
    assert.ok(seen.length > 3);
    assert.ok(seen.every((group) => group === undefined));
  });

  test('who stops early has closed the connections when the loop is left', async (t) => {
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 20_000);
    const way = await inWorld().newWay(t);
    for await (const run of inWorld()
      .newKafka([way.address])
      .readRange(topic, asMap([[0, 0, 20_000]]))) {
      assert.ok(run.length > 0);
      assert.ok(way.connections() > 0);
      break;
    }
    await way.untilUnused();
  });

  test('a signal ends it with its reason: before it begins, while it reads, and while nobody answers', async (t) => {
    const topic = await inWorld().newTopic();
    await inWorld().write(topic, 20_000);
    const way = await inWorld().newWay(t);
    const kafka = inWorld().newKafka([way.address]);
    const reason = new Error('enough');
    const ranges: Ranges = [[0, 0, 20_000]];
    await assert.rejects(read(kafka, topic, ranges, { signal: AbortSignal.abort(reason) }), reason);

    const amid = new AbortController();
    const reading = async (): Promise<number> => {
      let count = 0;
      for await (const run of kafka.readRange(topic, asMap(ranges), { signal: amid.signal })) {
        count += run.length;
        amid.abort(reason);
      }
      return count;
    };
    await assert.rejects(reading(), reason);
    await way.untilUnused();

    way.loseAnswers();
    const unanswered = new AbortController();
    const waiting = read(kafka, topic, ranges, { signal: unanswered.signal });
    setTimeout(() => unanswered.abort(reason), 200);
    const startedAt = performance.now();
    await assert.rejects(waiting, reason);
    assert.ok(performance.now() - startedAt < 2_000);
  });

  test('a handler of gaps that throws ends it', async () => {
    const topic = await inWorld().newTopic();
    await inWorld().foreign.writeTransaction(topic, ['never'], 'abort');
    const fault = new TypeError('a fault of the owner');
    const gap = () => {
      throw fault;
    };
    await assert.rejects(read(inWorld().newKafka(), topic, [[0, 0, 2]], { gap }), fault);
  });
}
