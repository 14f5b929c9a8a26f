import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTakeOverJudge } from './take-over.ts';

const isClosed = () => false;
const FINE = { active: true, kafkaStruggles: false, logStruggles: false, held: false, isClosed };
const LONG_MS = 10 * 60_000;

/** Looks every second. @returns whether there is a problem at the end */
function looks(forMs: number, position: (now: number) => number | null, world = FINE): boolean {
  const judge = createTakeOverJudge();
  for (let now = 0; now <= forMs; now += 1_000) judge.look({ now, ...world }, position(now));
  return judge.problems().length > 0;
}

test('a log that is not read on for minutes while a term waits for it is a problem, and not sooner', () => {
  assert.equal(
    looks(LONG_MS, () => 7),
    true,
  );
  assert.equal(
    looks(4 * 60_000, () => 7),
    false,
  );
});

test('it is none while it is read on, while nobody waits, and while Kafka or the lease is away', () => {
  assert.equal(
    looks(LONG_MS, (now) => Math.floor(now / 60_000)),
    false,
  );
  assert.equal(
    looks(LONG_MS, () => null),
    false,
  );
  assert.equal(
    looks(LONG_MS, () => 7, { ...FINE, active: false }),
    false,
  );
  assert.equal(
    looks(LONG_MS, () => 7, { ...FINE, logStruggles: true }),
    false,
  );
});

test('a process that was stopped gets its time when it wakes', () => {
  const judge = createTakeOverJudge();
  judge.look({ now: 0, ...FINE }, 7);
  judge.look({ now: LONG_MS, ...FINE }, 7);
  assert.deepEqual(judge.problems(), []);
});
