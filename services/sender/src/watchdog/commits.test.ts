import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommitJudge, createCommitJudge } from './commits.ts';

const FINE = {
  active: true,
  kafkaStruggles: false,
  logStruggles: false,
  held: false,
  isClosed: () => false,
};

function setUp() {
  const judge = createCommitJudge();
  let now = 0;
  return {
    judge,
    pass(ms: number, world = FINE, each: (judge: CommitJudge) => void = () => {}) {
      for (const end = now + ms; now < end; now += 1_000) {
        each(judge);
        judge.look({ now, ...world });
      }
      return judge.problems().length > 0;
    },
  };
}

const MINUTE = 60_000;

test('commits that are refused for minutes, or never answered, are a problem, and not sooner', () => {
  for (const each of [(judge: CommitJudge) => judge.made(), () => {}]) {
    const { judge, pass } = setUp();
    judge.made();
    assert.equal(pass(4 * MINUTE, FINE, each), false);
    assert.equal(pass(2 * MINUTE, FINE, each), true);
    judge.acknowledged();
    assert.equal(pass(1_000), false);
  }
});

test('where nothing is to be committed, or each is acknowledged, there is none', () => {
  assert.equal(setUp().pass(20 * MINUTE), false);
  const each = (judge: CommitJudge) => {
    judge.made();
    judge.acknowledged();
  };
  assert.equal(setUp().pass(20 * MINUTE, FINE, each), false);
});

test('without the lease, without Kafka and after the epoch nobody is held to it', () => {
  for (const excuse of [{ active: false }, { logStruggles: true }]) {
    const { judge, pass } = setUp();
    judge.made();
    assert.equal(pass(20 * MINUTE, { ...FINE, ...excuse }), false);
  }
  const { judge, pass } = setUp();
  judge.made();
  judge.epochEnded();
  assert.equal(pass(20 * MINUTE), false);
});
