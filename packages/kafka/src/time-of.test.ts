import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeOf } from './time-of.ts';

const TOPIC = 't';
const NOW = Date.UTC(2026, 0, 31);
const SECOND_MS = 1_000;
const DAY_MS = 24 * 3_600 * SECOND_MS;

/** A topic whose partitions 0, 1, … hold records of these times from offset `low` on. */
function holding(partitions: readonly (readonly number[])[], low = 0) {
  let questions = 0;
  const admin = {
    async offsetsAt(topic: string, timestampMs: number) {
      assert.equal(topic, TOPIC);
      questions += 1;
      return new Map(
        partitions.map((times, partition) => {
          const first = times.findIndex((time) => time >= timestampMs);
          return [partition, low + (first < 0 ? times.length : first)];
        }),
      );
    },
  };
  return { admin, questions: () => questions };
}

const ago = (...agesMs: number[]) => agesMs.map((age) => NOW - age);
const find = (partitions: readonly (readonly number[])[], offsets: readonly [number, number][], low = 0) =>
  timeOf(holding(partitions, low).admin, TOPIC, new Map(offsets), NOW);

test('the time of the oldest of the records is found, at most a second too early', async () => {
  for (let ageMs = 1; ageMs < 30 * DAY_MS; ageMs = Math.ceil(ageMs * 1.7)) {
    const partitions = [ago(ageMs * 3, ageMs, 0), ago(ageMs + 60 * DAY_MS, Math.floor(ageMs / 2))];
    const found = await find(partitions, [
      [0, 1],
      [1, 1],
    ]);
    const missed = NOW - ageMs - (found ?? 0);
    assert.ok(missed >= 0 && missed <= SECOND_MS, `${missed} ms beside one of ${ageMs} ms`);
  }
});

test('partitions that do not count have no say', async () => {
  const found = await find([ago(9 * DAY_MS, 8 * DAY_MS), ago(60 * SECOND_MS)], [[1, 0]]);
  assert.ok(found !== null && Math.abs(NOW - 60 * SECOND_MS - found) <= SECOND_MS);
});

test('a young record takes few questions, an old one some tens', async () => {
  for (const [ageMs, most] of [
    [100, 2],
    [30 * SECOND_MS, 12],
    [7 * DAY_MS, 45],
  ] as const) {
    const { admin, questions } = holding([ago(ageMs)]);
    await timeOf(admin, TOPIC, new Map([[0, 0]]), NOW);
    assert.ok(questions() <= most, `${questions()} for ${ageMs} ms`);
  }
});

test('a record of brokers whose clock is ahead of ours is not younger than now', async () => {
  assert.equal(await find([[NOW + 5_000]], [[0, 0]]), NOW);
});

test('nothing, and a record that retention has deleted meanwhile, have no time', async () => {
  assert.equal(await find([ago(SECOND_MS)], []), null);
  assert.equal(await find([ago(SECOND_MS)], [[0, 3]], 7), null);
});
