/** Nothing is doubled: the plan is pure. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault as VerihubsFault } from '@whatsapp-stream/verihubs-simulator';
import { healsAfterMs, type Trouble } from './fault.ts';
import { type Planned, type PlanOptions, plan } from './plan.ts';

const MINUTE_MS = 60_000;
const SESSION_MS = 6_000;
const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

const planOf = (seed: number, more: Partial<PlanOptions> = {}) =>
  plan({
    seed,
    durationMs: 5 * MINUTE_MS,
    sessionMs: SESSION_MS,
    replicas: 3,
    broker: true,
    ...more,
  });

const isTrouble = (planned: Planned): planned is Planned<Trouble> =>
  planned.fault.kind !== 'answers' && planned.fault.kind !== 'callbacks';

const TROUBLES = [
  'broker-killed',
  'called-back',
  'clock-jump',
  'cut-off-active',
  'freeze-active',
  'hiccup-active',
  'ingest-killed',
  'ingest-stopped',
  'kill-active',
  'kill-standby',
  'lane-paused',
  'more-partitions',
  'redriven',
  'registry-away',
  'stop-active',
  'storm',
];

test('the same seed gives the same plan, another seed another', () => {
  assert.deepEqual(planOf(7), planOf(7));
  assert.notDeepEqual(planOf(7), planOf(8));
});

test('in five minutes every kind of trouble happens, whatever the seed', () => {
  for (const seed of SEEDS) {
    const kinds = new Set(
      planOf(seed)
        .filter(isTrouble)
        .map(({ fault }) => fault.kind),
    );
    assert.deepEqual([...kinds].toSorted(), TROUBLES, `seed ${seed}`);
  }
});

test('in five minutes Verihubs answers with every fault of its list, and calls back in every way', () => {
  for (const seed of SEEDS) {
    const faults = planOf(seed).map(({ fault }) => fault);
    const answers = faults.flatMap((fault) =>
      fault.kind === 'answers' ? fault.mood.faults.rules.map((rule) => nameOf(rule.fault)) : [],
    );
    const callbacks = faults.flatMap((fault) => (fault.kind === 'callbacks' ? [fault.mood.name] : []));
    const expected = seed % 2 === 1 ? 19 : 17;
    assert.equal(
      new Set(answers).size,
      expected,
      `seed ${seed}: ${[...new Set(answers)].toSorted().join(', ')}`,
    );
    assert.equal(new Set(callbacks).size, 7, `seed ${seed}`);
  }
});

const nameOf = ({ kind, ...more }: VerihubsFault) => `${kind} ${JSON.stringify(more)}`;

test('with an even seed Verihubs never says that it was too fast', () => {
  for (const seed of SEEDS) {
    const faults = JSON.stringify(planOf(seed));
    const refuses = faults.includes('"status":429') || faults.includes('"codes":[8]');
    assert.equal(refuses, seed % 2 === 1, `seed ${seed}`);
  }
});

test('in any minute there is time for somebody to take over and go on', () => {
  for (const seed of SEEDS) {
    const troubles = planOf(seed).filter(isTrouble);
    const breaths = troubles.flatMap(({ atMs }, i) => {
      const healed = Math.max(0, ...troubles.slice(0, i).map((one) => one.atMs + healsAfterMs(one.fault)));
      return atMs - healed > SESSION_MS + 2_000 ? [atMs] : [];
    });
    const ends = [0, ...breaths, 5 * MINUTE_MS];
    const longest = Math.max(...ends.slice(1).map((end, i) => end - (ends[i] ?? 0)));
    assert.ok(longest < MINUTE_MS, `seed ${seed}: ${longest} ms`);
  }
});

test('what cannot be done is not planned', () => {
  const kinds = new Set(planOf(1, { broker: false, replicas: 1 }).map(({ fault }) => fault.kind));
  assert.equal(kinds.has('broker-killed'), false);
  assert.equal(kinds.has('kill-standby'), false);
});

test('a run that is too short for trouble has none', () => {
  assert.deepEqual(planOf(1, { durationMs: 5_000 }).filter(isTrouble), []);
});
