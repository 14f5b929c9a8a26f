import { type DelayRange, pickDelayMs, type Random } from './random.ts';
import type { RetryAfterStyle } from './retry-after.ts';

/**
 * One way of going wrong. `taken` says whether the message was taken (will be delivered, is charged, is
 * called back) although the caller cannot know it.
 */
export type Fault =
  /** Answers an error: a documented one (400, 401, 403, 409, 429, 500), 503, or one that is not documented. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      /** How Retry-After tells it; in seconds unless said otherwise. */
      readonly retryAfterAs?: RetryAfterStyle;
      readonly taken?: boolean;
    }
  /** Never answers; the connection stays open until the caller or a stop closes it. */
  | { readonly kind: 'timeout'; readonly taken: boolean }
  /** Resets the connection (TCP RST) instead of answering. */
  | { readonly kind: 'reset'; readonly taken: boolean }
  /** 201 with a body that is not JSON. The message is taken. */
  | { readonly kind: 'garbage' }
  /** 201 with JSON that has no session id. The message is taken. */
  | { readonly kind: 'no-session-id' }
  /** 201, but the response's head dribbles in over `overMs`. The message is taken. */
  | { readonly kind: 'slow-headers'; readonly overMs: number }
  /** An ordinary answer after this time, on top of the general latency. */
  | ({ readonly kind: 'latency' } & DelayRange);

/** Who meets a fault: all the conditions that are given must hold. Without any, everybody does. */
export type FaultRule = {
  readonly fault: Fault;
  /** Only so many requests, then the rule is spent. */
  readonly next?: number;
  /** With this probability, from 0 to 1. */
  readonly probability?: number;
  /** Only this number. */
  readonly msisdn?: string;
};

export type FaultSettings = {
  /** Put before every answer; null: none. */
  readonly latency: DelayRange | null;
  /** How long each request is held on its way, as a network would, before it arrives and is counted; null, or left out: not. */
  readonly arrivalJitter?: DelayRange | null;
  /** The first one that applies is the one that happens. */
  readonly rules: readonly FaultRule[];
};

export type Faults = {
  set(settings: FaultSettings): void;
  /** The settings with what is left of each `next`. */
  current(): FaultSettings;
  /** The fault that this request meets, or null. Uses up one `next` of the rule that applied. */
  pick(msisdn: string): Fault | null;
  /** The general latency of one answer. */
  latencyMs(): number;
  /** How long the next request is held before it arrives. */
  heldMs(): number;
};

export const NO_FAULTS: FaultSettings = { latency: null, arrivalJitter: null, rules: [] };

/**
 * Keeps the rules and what is left of them. Only valid requests within the limit are to be shown to it.
 * @param wayRandom of its own for what happens on the way, so that the n-th request is held for as long whatever
 *   became of those before it
 */
export function createFaults(initial: FaultSettings, random: Random, wayRandom: Random): Faults {
  let { latency, arrivalJitter = null } = initial;
  let rules = [...initial.rules];

  const applies = (rule: FaultRule, msisdn: string): boolean =>
    (rule.msisdn === undefined || rule.msisdn === msisdn) &&
    (rule.next === undefined || rule.next > 0) &&
    (rule.probability === undefined || random() < rule.probability);

  return {
    set(settings) {
      latency = settings.latency;
      arrivalJitter = settings.arrivalJitter ?? null;
      rules = [...settings.rules];
    },
    current: () => ({ latency, arrivalJitter, rules: [...rules] }),
    pick(msisdn) {
      const index = rules.findIndex((rule) => applies(rule, msisdn));
      const rule = rules[index];
      if (rule === undefined) return null;
      if (rule.next !== undefined) rules[index] = { ...rule, next: rule.next - 1 };
      return rule.fault;
    },
    latencyMs: () => (latency === null ? 0 : pickDelayMs(latency, random)),
    heldMs: () => (arrivalJitter === null ? 0 : pickDelayMs(arrivalJitter, wayRandom)),
  };
}
