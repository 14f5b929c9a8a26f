import { between, pick, type Random, seededRandom, shuffled, whole } from '../support/random.ts';
import { type Fault, type Growing, healsAfterMs, type Trouble, type TroubleKind } from './fault.ts';
import { CUT_OFFS } from './kafka-way.ts';
import { type Manners, mannersOf } from './moods.ts';
import { CAMPAIGNS, LANES } from './traffic.ts';

export interface Planned<F extends Fault = Fault> {
  /** From the start of the run. */
  readonly atMs: number;
  readonly fault: F;
}

export interface PlanOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly sessionMs: number;
  readonly replicas: number;
  /** Whether the broker can be killed. */
  readonly broker: boolean;
}

const HOUR_MS = 3_600_000;
const FIRST_AFTER_MS = 3_000;
/** Nothing new goes wrong in the last moments: the end of a run waits for all to heal anyway. */
const LAST_BEFORE_END_MS = 3_000;

type Maker = (random: Random, sessionMs: number) => Trouble;
const leaving = (random: Random) => pick(random, ['SIGTERM', 'SIGKILL']);
const soon = (random: Random) => between(random, 300, 6_000);

const MAKERS: { readonly [K in TroubleKind]: Maker } = {
  'kill-active': (random) => ({ kind: 'kill-active', backAfterMs: soon(random) }),
  'kill-standby': (random) => ({ kind: 'kill-standby', backAfterMs: soon(random) }),
  'stop-active': (random) => ({ kind: 'stop-active', backAfterMs: soon(random) }),
  // Now and then until another one has taken over and decided what was in doubt.
  'freeze-active': (random, sessionMs) => ({
    kind: 'freeze-active',
    forMs: sessionMs * pick(random, [between(random, 1.1, 2.2), between(random, 3, 4)]),
  }),
  'hiccup-active': (random, sessionMs) => ({
    kind: 'hiccup-active',
    forMs: sessionMs * between(random, 0.1, 0.8),
  }),
  storm: (random) => ({
    kind: 'storm',
    visits: Array.from({ length: whole(random, 2, 3) }, () => ({
      joinsAfterMs: between(random, 0, 2_500),
      // A start takes up to two seconds where many share two cores, and a join some more.
      staysMs: between(random, 1_500, 9_000),
      leavesBy: leaving(random),
    })),
  }),
  'broker-killed': (random) => ({ kind: 'broker-killed', forMs: between(random, 1_000, 8_000) }),
  'registry-away': (random) => ({
    kind: 'registry-away',
    forMs: between(random, 3_000, 9_000),
    restartBy: leaving(random),
  }),
  'ingest-killed': (random) => ({ kind: 'ingest-killed', backAfterMs: soon(random) }),
  'ingest-stopped': (random) => ({ kind: 'ingest-stopped', backAfterMs: soon(random) }),
  'more-partitions': (random) => ({
    kind: 'more-partitions',
    of: pick<Growing>(random, ['marketing', 'otp', 'status']),
    more: whole(random, 1, 2),
  }),
  'clock-jump': (random) => ({
    kind: 'clock-jump',
    byMs: pick(random, [HOUR_MS, -HOUR_MS]),
    forMs: between(random, 4_000, 15_000),
  }),
  'cut-off-active': (random, sessionMs) => ({
    kind: 'cut-off-active',
    how: pick(random, CUT_OFFS),
    // Now and then for longer than clients wait for one another to connect.
    forMs: sessionMs * pick(random, [between(random, 0.3, 2.5), between(random, 3, 4)]),
  }),
  'lane-paused': (random) => ({
    kind: 'lane-paused',
    lane: pick(random, [...LANES, 'all']),
    forMs: between(random, 2_000, 10_000),
  }),
  'called-back': (random) => ({ kind: 'called-back', lane: 'marketing', template: pick(random, CAMPAIGNS) }),
  redriven: (random) => ({ kind: 'redriven', statuses: pick(random, REDRIVEN) }),
};

/** Ways of ending, as an operator would choose among them. */
const REDRIVEN: readonly [readonly string[], ...(readonly string[])[]] = [
  ['IN_DOUBT'],
  ['REFUSED', 'GAVE_UP'],
  ['CANCELLED'],
  ['FAILED', 'REJECTED', 'BLOCKED'],
];

const KINDS = Object.keys(MAKERS) as readonly TroubleKind[];

/** Items in random order, again and again: each comes before any comes twice as often. */
function* dealt<T>(random: Random, items: () => readonly T[]): Generator<T, never> {
  for (;;) yield* shuffled(items(), random);
}

/**
 * Bursts of two to four troubles that overlap, each burst followed by a breath that is longer than a session: so
 * that whatever happens somebody can take over and make progress.
 */
function planTroubles(random: Random, options: PlanOptions): readonly Planned<Trouble>[] {
  const { durationMs, sessionMs, replicas, broker } = options;
  const kinds = KINDS.filter(
    (kind) => (kind !== 'broker-killed' || broker) && (kind !== 'kill-standby' || replicas > 1),
  );
  const deck = dealt(random, () => kinds);
  const planned: Planned<Trouble>[] = [];
  let atMs = FIRST_AFTER_MS;
  let healedMs = 0;
  let burst = whole(random, 2, 4);
  while (atMs < durationMs - LAST_BEFORE_END_MS) {
    const fault = MAKERS[deck.next().value](random, sessionMs);
    planned.push({ atMs, fault });
    healedMs = Math.max(healedMs, atMs + healsAfterMs(fault));
    burst -= 1;
    if (burst > 0) {
      atMs += between(random, 200, 5_000);
    } else {
      atMs = healedMs + sessionMs + between(random, 2_500, 6_000);
      burst = whole(random, 2, 4);
    }
  }
  return planned;
}

function planMoods<M extends { readonly lastsMs: number }>(
  random: Random,
  durationMs: number,
  moods: (random: Random) => readonly M[],
): readonly { readonly atMs: number; readonly mood: M }[] {
  const deck = dealt(random, () => moods(random));
  const planned: { readonly atMs: number; readonly mood: M }[] = [];
  for (let atMs = 0; atMs < durationMs; ) {
    const mood = deck.next().value;
    planned.push({ atMs, mood });
    atMs += mood.lastsMs;
  }
  return planned;
}

/** In runs with an even seed Verihubs never says that it was too fast, so senders keep to the whole of the limit. */
export const mannersIn = (seed: number): Manners => mannersOf(seed % 2 === 1);

/** What goes wrong in a run, and when, in order of time. The same options give the same plan. */
export function plan(options: PlanOptions): readonly Planned[] {
  const { seed, durationMs } = options;
  const random = seededRandom(seed);
  const troubles = planTroubles(random, options);
  const manners = mannersIn(seed);
  const answers = planMoods(random, durationMs, manners.answerMoods);
  const callbacks = planMoods(random, durationMs, manners.callbackMoods);
  return [
    ...troubles,
    ...answers.map(({ atMs, mood }) => ({ atMs, fault: { kind: 'answers', mood } as const })),
    ...callbacks.map(({ atMs, mood }) => ({ atMs, fault: { kind: 'callbacks', mood } as const })),
  ].toSorted((a, b) => a.atMs - b.atMs);
}
