/** What counts as a stall and what as a wait. Time is counted by hand, a look a second as in the service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStallJudge, limitsFor, type Stall, type World } from './stalls.ts';
import { createWhereabouts, type Place, type Stage } from './whereabouts.ts';

const CALL_TIMEOUT_MS = 10_000;
const LONGEST_HOLD_MS = 60_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Surroundings extends Partial<Omit<World, 'now'>> {
  /** Done before each look. */
  readonly each?: () => void;
}

function setUp() {
  const whereabouts = createWhereabouts();
  const limits = limitsFor({ callTimeoutMs: CALL_TIMEOUT_MS, longestHoldMs: LONGEST_HOLD_MS });
  const judge = createStallJudge(whereabouts, limits);
  let now = 0;
  let offset = 0;
  const look = (world: Surroundings = {}) =>
    judge.look({
      now,
      active: true,
      kafkaStruggles: false,
      logStruggles: false,
      held: false,
      isClosed: () => false,
      ...world,
    });
  look();
  return {
    now: () => now,
    look,
    enter(stage: Stage, until?: number): Place {
      const place = whereabouts.enter({ topic: 'x.otp', partition: 3, offset: offset++ });
      place.at(stage, until);
      return place;
    },
    /** Looks every second. @returns what the last look saw */
    pass(ms: number, { each, ...world }: Surroundings = {}): readonly Stall[] {
      let stalls: readonly Stall[] = [];
      for (const end = now + ms; now < end; ) {
        now += 1_000;
        each?.();
        stalls = look(world);
      }
      return stalls;
    },
    /** The process does not run. */
    stopFor(ms: number) {
      now += ms;
    },
  };
}

const stages = (stalls: readonly Stall[]) => stalls.map(({ stage }) => stage);

test('a call is stuck long after both of its time-outs', () => {
  const { enter, pass } = setUp();
  enter('call');
  assert.deepEqual(pass(2 * CALL_TIMEOUT_MS + 29_000), []);
  assert.deepEqual(pass(1_000), [
    { topic: 'x.otp', partition: 3, offset: 0, stage: 'call', lateMs: 50_000, records: 1 },
  ]);
});

for (const stage of ['pause', 'doubt'] as const) {
  test(`a ${stage} may last as long as it was meant to, and is stuck a minute after that`, () => {
    const { enter, pass } = setUp();
    enter(stage, HOUR);
    assert.deepEqual(pass(HOUR + 58_000), []);
    assert.deepEqual(stages(pass(1_000)), [stage]);
  });
}

test('what met a fault of ours is stuck after five minutes', () => {
  const { enter, pass } = setUp();
  enter('failed');
  assert.deepEqual(pass(5 * MINUTE - 1_000), []);
  assert.deepEqual(stages(pass(1_000)), ['failed']);
});

test('a write that is neither acknowledged nor refused is stuck after five minutes', () => {
  const { enter, pass } = setUp();
  enter('write');
  assert.deepEqual(pass(5 * MINUTE - 1_000), []);
  assert.deepEqual(stages(pass(1_000)), ['write']);
});

test('a broker or a registry that is away is waited for without end', () => {
  const { enter, pass } = setUp();
  for (const stage of ['write', 'decode', 'turn'] as const) enter(stage);
  assert.deepEqual(pass(HOUR, { kafkaStruggles: true, logStruggles: true }), []);
});

test('a status log that is not heard for five minutes keeps doubts from being decided; without Kafka it may', () => {
  for (const [excuse, stuck] of [
    [{}, ['hear']],
    [{ active: false }, []],
    [{ logStruggles: true }, []],
  ] as const) {
    const { enter, pass } = setUp();
    enter('hear');
    assert.deepEqual(stages(pass(5 * MINUTE, excuse)), stuck);
  }
});

test('dead letters that cannot be written excuse nobody at the gates', () => {
  const { enter, pass } = setUp();
  enter('turn');
  assert.deepEqual(stages(pass(LONGEST_HOLD_MS + 60_000, { kafkaStruggles: true })), ['turn']);
});

test('while Verihubs has asked to be left alone nobody is stuck at the gates', () => {
  const { enter, pass } = setUp();
  enter('turn');
  enter('slot');
  assert.deepEqual(pass(10 * MINUTE, { held: true }), []);
});

test('what waits for its turn in a closed lane waits without end; in another one it does not', () => {
  const { enter, pass } = setUp();
  enter('turn');
  assert.deepEqual(pass(HOUR, { isClosed: () => true }), []);
  assert.deepEqual(stages(pass(LONGEST_HOLD_MS + 60_000, { isClosed: (topic) => topic === 'another' })), [
    'turn',
  ]);
});

for (const stage of ['turn', 'slot'] as const) {
  test(`at the ${stage}, nobody who waits is let through: stuck when even an open circuit would have tried`, () => {
    const { enter, pass } = setUp();
    enter(stage);
    assert.deepEqual(pass(LONGEST_HOLD_MS + 59_000), []);
    assert.deepEqual(stages(pass(1_000)), [stage]);
  });

  test(`at the ${stage}, others are called meanwhile: it waits without end`, () => {
    const { enter, pass, now } = setUp();
    enter(stage);
    const otp = enter('turn');
    const each = () => {
      if (now() % LONGEST_HOLD_MS > 0) return;
      otp.at('call');
      otp.at('pause', now() + LONGEST_HOLD_MS);
    };
    assert.deepEqual(pass(HOUR, { each }), []);
  });

  test(`at the ${stage}, it is not sure that this is the active sender: it waits without end`, () => {
    const { enter, pass } = setUp();
    enter(stage);
    assert.deepEqual(pass(HOUR, { active: false }), []);
    assert.deepEqual(pass(MINUTE), [], 'and has its time once it is sure again');
  });

  test(`at the ${stage}, a call takes its time: only the call can be stuck`, () => {
    const { enter, pass } = setUp();
    enter(stage);
    enter('call');
    assert.deepEqual(stages(pass(HOUR)), ['call']);
  });

  test(`at the ${stage}, who is ahead waits for Kafka: only the write can be stuck`, () => {
    const { enter, pass } = setUp();
    enter(stage);
    enter('write');
    assert.deepEqual(stages(pass(HOUR)), ['write']);
  });

  test(`at the ${stage}, short writes of others are no excuse`, () => {
    const { enter, pass } = setUp();
    enter(stage);
    const other = enter('write');
    assert.deepEqual(stages(pass(LONGEST_HOLD_MS + MINUTE + 1_000, { each: () => other.at('write') })), [
      stage,
    ]);
  });
}

test('a call that was made long ago is no excuse', () => {
  const { enter, pass } = setUp();
  const other = enter('call');
  pass(1_000);
  other.leave();
  enter('slot');
  assert.deepEqual(stages(pass(LONGEST_HOLD_MS + MINUTE + 1_000)), ['slot']);
});

test('who moves on starts over', () => {
  const { enter, pass } = setUp();
  const place = enter('call');
  pass(49_000);
  place.at('write');
  assert.deepEqual(pass(2_000), []);
  place.at('call');
  assert.deepEqual(pass(49_000), []);
  place.leave();
  assert.deepEqual(pass(2_000), []);
});

test('a process that was stopped gets time to go on before anything counts as stuck', () => {
  const { enter, pass, look, stopFor } = setUp();
  enter('call');
  enter('failed');
  enter('doubt', MINUTE);
  stopFor(HOUR);
  assert.deepEqual(look(), []);
  assert.deepEqual(pass(47_000), []);
  assert.deepEqual(stages(pass(1_000)), ['call']);
});

test('of many that are stuck in one place the first is told, and how many they are', () => {
  const { enter, pass } = setUp();
  for (let i = 0; i < 1_000; i++) enter('slot');
  const [stall, ...more] = pass(LONGEST_HOLD_MS + MINUTE);
  assert.deepEqual([stall?.offset, stall?.records, more], [0, 1_000, []]);
});
