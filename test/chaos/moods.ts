import type { CallbackPlan, Fault, FaultRule, FaultSettings } from '@whatsapp-stream/verihubs-simulator';
import { between, pick, type Random } from '../support/random.ts';

/** How Verihubs answers for a while. */
export interface AnswerMood {
  readonly name: string;
  readonly lastsMs: number;
  readonly faults: FaultSettings;
}

/** How Verihubs calls back for a while. */
export interface CallbackMood {
  readonly name: string;
  readonly lastsMs: number;
  readonly plan: Partial<CallbackPlan>;
}

const USUAL_LATENCY = { minMs: 20, maxMs: 150 };
const SLOW_LATENCY = { minMs: 100, maxMs: 900 };

const often = (probability: number, ...faults: readonly Fault[]): readonly FaultRule[] =>
  faults.map((fault) => ({ fault, probability }));
const status = (status: number, more: { retryAfterSeconds?: number; taken?: boolean } = {}): Fault => ({
  kind: 'status',
  status,
  ...more,
});

const TIME_OUTS: readonly Fault[] = [
  { kind: 'timeout', taken: true },
  { kind: 'timeout', taken: false },
];
const RESETS: readonly Fault[] = [
  { kind: 'reset', taken: true },
  { kind: 'reset', taken: false },
];
const NONSENSE: readonly Fault[] = [{ kind: 'garbage' }, { kind: 'no-session-id' }];
/** Within the sender's time-out and beyond it. */
const SLOW: readonly Fault[] = [
  { kind: 'slow-headers', overMs: 600 },
  { kind: 'slow-headers', overMs: 1_500 },
  { kind: 'latency', minMs: 500, maxMs: 1_500 },
];
const REFUSALS = [status(400), status(409)];
const LATER = [status(503, { retryAfterSeconds: 2 })];
const TOO_FAST = [status(429, { retryAfterSeconds: 1 }), status(429)];
const BROKEN = [status(500), status(500, { taken: true }), status(503)];

interface Mix {
  readonly name: string;
  readonly rules: readonly FaultRule[];
  readonly slow?: true;
}

const mixes = (tooFast: readonly Fault[]): readonly Mix[] => [
  { name: 'answers as documented', rules: [] },
  { name: 'does not answer', rules: often(0.04, ...TIME_OUTS) },
  { name: 'resets connections', rules: often(0.04, ...RESETS) },
  { name: 'answers nonsense', rules: often(0.04, ...NONSENSE) },
  { name: 'is slow', rules: often(0.06, ...SLOW), slow: true },
  { name: 'refuses', rules: often(0.06, ...REFUSALS) },
  { name: 'asks to come later', rules: often(0.06, ...LATER, ...tooFast) },
  { name: 'is broken', rules: often(0.04, ...BROKEN) },
  {
    name: 'does everything wrong',
    rules: often(
      0.01,
      ...[...TIME_OUTS, ...RESETS, ...NONSENSE, ...SLOW, ...REFUSALS, ...LATER, ...BROKEN, ...tooFast],
    ),
  },
];

/** Trouble with the account holds all sending back, and its probes come ever later: it must be short. */
const ACCOUNT_TROUBLE = [
  { name: 'does not know the account', rules: [{ fault: status(401) }] },
  { name: 'says that the quota is used up', rules: [{ fault: status(403) }] },
] as const;

/** How Verihubs behaves in a run. */
export interface Manners {
  /** Each way of answering, one after the other. */
  answerMoods(random: Random): readonly AnswerMood[];
  /** Each way of calling back, one after the other. */
  callbackMoods(random: Random): readonly CallbackMood[];
  /** Before and after all moods. */
  readonly good: { readonly faults: FaultSettings; readonly callbacks: Partial<CallbackPlan> };
}

/**
 * @param refusesForRate by 429 and by callbacks with status 8, whatever the rate is. Senders learn from that and stay far
 *   below the limit for minutes: whether they keep it is seen where they are not refused
 */
export function mannersOf(refusesForRate: boolean): Manners {
  const callbacks = goodCallbacks(refusesForRate);
  return {
    answerMoods: (random) => answerMoods(random, mixes(refusesForRate ? TOO_FAST : [])),
    callbackMoods: (random) => callbackMoods(random, callbacks),
    good: { faults: GOOD_FAULTS, callbacks },
  };
}

const answerMoods = (random: Random, mixes: readonly Mix[]): readonly AnswerMood[] => [
  ...mixes.map(({ name, rules, slow }) => ({
    name,
    lastsMs: between(random, 5_000, 12_000),
    faults: { latency: slow ? SLOW_LATENCY : USUAL_LATENCY, rules },
  })),
  ...ACCOUNT_TROUBLE.map(({ name, rules }) => ({
    name,
    lastsMs: between(random, 800, 2_000),
    faults: { latency: USUAL_LATENCY, rules },
  })),
];

const GOOD_FAULTS: FaultSettings = { latency: USUAL_LATENCY, rules: [] };
const goodCallbacks = (refusesForRate: boolean): Partial<CallbackPlan> => ({
  outcomes: [
    { codes: [1, 2, 3], weight: 8 },
    { codes: [1, 6], weight: 1 },
    { codes: [9], weight: 1 },
    ...(refusesForRate ? [{ codes: [8], weight: 0.3 }] : []),
  ],
  delayMs: { minMs: 20, maxMs: 300 },
  retries: 2,
  retryDelayMs: 400,
  timeoutMs: 2_000,
});

const CALLBACK_PLANS: readonly { readonly name: string; readonly plan: Partial<CallbackPlan> }[] = [
  { name: 'as documented', plan: {} },
  { name: 'half of them lost', plan: { lossProbability: 0.5, retries: 0 } },
  { name: 'half of them doubled', plan: { duplicateProbability: 0.5 } },
  { name: 'late', plan: { delayMs: { minMs: 2_000, maxMs: 8_000 } } },
  { name: 'in any order', plan: { order: 'shuffled', delayMs: { minMs: 0, maxMs: 400 } } },
  { name: 'before the answer', plan: { when: 'before-answer', delayMs: { minMs: 0, maxMs: 100 } } },
  {
    name: 'all of it',
    plan: {
      when: 'before-answer',
      order: 'shuffled',
      delayMs: { minMs: 0, maxMs: 600 },
      duplicateProbability: 0.2,
      lossProbability: 0.2,
    },
  },
];

const callbackMoods = (random: Random, good: Partial<CallbackPlan>): readonly CallbackMood[] =>
  CALLBACK_PLANS.map(({ name, plan }) => ({
    name,
    lastsMs: between(random, 5_000, 14_000),
    plan: {
      ...good,
      style: pick(random, ['get', 'post-query', 'post-form', 'post-json']),
      ...plan,
    },
  }));
