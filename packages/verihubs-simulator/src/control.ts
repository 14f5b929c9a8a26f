import type { monitorEventLoopDelay } from 'node:perf_hooks';
import type { CallbackPlan } from './callback-plan.ts';
import type { SimulatorClock } from './clock.ts';
import type { ControlEvent, SimulatorEvent } from './events.ts';
import { type FaultSettings, NO_FAULTS } from './faults.ts';
import { hashMsisdn } from './identity.ts';
import type { JourneyTools } from './journey.ts';
import type { TakenMessage } from './messages.ts';
import type { ObservedStats } from './observations.ts';
import type { RateLimit } from './window.ts';

export type SimulatorStats = Omit<ObservedStats, 'callbacks'> & {
  readonly callbacks: ObservedStats['callbacks'] & {
    /** Planned and not ended. */
    readonly pending: number;
  };
  /**
   * How late the simulator's own event loop ran: arrivals are stamped late by as much, so a 429 next to a
   * large value here may be its own doing.
   */
  readonly eventLoopDelayMs: { readonly p99: number; readonly max: number };
};

export type SimulatorSettings = {
  readonly limit: RateLimit;
  readonly callbacks: CallbackPlan;
  readonly faults: FaultSettings;
};

/** What a person or a test may ask of a running simulator; the same over HTTP under `/_simulator`. */
export type SimulatorControl = {
  stats(): SimulatorStats;
  /** The messages that were taken, oldest first. */
  messages(): readonly TakenMessage[];
  /** Everything that was seen, oldest first. */
  events(): readonly SimulatorEvent[];
  /** Calls back with every event from now on, until the returned function is called. */
  follow(listener: (event: SimulatorEvent) => void): () => void;
  settings(): SimulatorSettings;
  /** Replaces the faults; what is left out is none. */
  setFaults(faults: Partial<FaultSettings>): void;
  /** Replaces the callback plan for messages to come; what is left out is as it was at the start. */
  setCallbacks(plan: Partial<CallbackPlan>): void;
  /** Replaces the rate limit; what is left out is as it was at the start. */
  setLimit(limit: Partial<RateLimit>): void;
  /** Resolves when no callback is pending. */
  idle(): Promise<void>;
  /** As after the start: forgets what was seen and counted, drops pending callbacks, restores the settings. */
  reset(): Promise<void>;
};

/** How often the event loop's delay is sampled. */
export const LOOP_RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

type LoopDelay = ReturnType<typeof monitorEventLoopDelay>;

/** The control of a simulator made of these parts, and the callback plan as it stands. */
export function createControl(
  tools: Omit<JourneyTools, 'callbackPlan'>,
  initial: SimulatorSettings,
  loop: LoopDelay,
): { readonly control: SimulatorControl; readonly plan: () => CallbackPlan } {
  const { observations, callbacks, window, faults } = tools;
  let plan = initial.callbacks;
  const note = (what: ControlEvent['what'], details: ControlEvent['details']): void =>
    observations.add(controlEvent(tools.clock, what, details));
  const control: SimulatorControl = {
    stats() {
      const seen = observations.stats(window.limit().maxRequestsPerSecond);
      return {
        ...seen,
        callbacks: { ...seen.callbacks, pending: callbacks.pending() },
        eventLoopDelayMs: loopDelay(loop),
      };
    },
    messages: observations.messages,
    events: () => [...observations.events()],
    follow: observations.follow,
    settings: () => ({ limit: window.limit(), callbacks: plan, faults: faults.current() }),
    setFaults(next) {
      faults.set({ ...NO_FAULTS, ...next });
      note('faults', withoutNumbers(control.settings()).faults);
    },
    setCallbacks(next) {
      plan = { ...initial.callbacks, ...next };
      note('callbacks', withoutNumbers(control.settings()).callbacks);
    },
    setLimit(next) {
      window.setLimit({ ...initial.limit, ...next });
      note('limit', window.limit());
    },
    idle: callbacks.idle,
    async reset() {
      plan = initial.callbacks;
      faults.set(initial.faults);
      window.setLimit(initial.limit);
      window.clear();
      observations.clear();
      loop.reset();
      note('reset', { droppedCallbacks: await callbacks.drop() });
    },
  };
  return { control, plan: () => plan };
}

/** How much later than its resolution the loop's own timer fired; the monitor reports resolution plus delay. */
function loopDelay(loop: LoopDelay): { p99: number; max: number } {
  const delayMs = (ns: number): number => Math.max(0, ns / NS_PER_MS - LOOP_RESOLUTION_MS);
  return { p99: delayMs(loop.percentile(99)), max: delayMs(loop.max) };
}

/** Settings as they may be logged: phone numbers as their hashes. */
export function withoutNumbers({ limit, callbacks, faults }: SimulatorSettings): SimulatorSettings {
  const codes = Object.entries(callbacks.byMsisdn).map(([msisdn, item]) => [hashMsisdn(msisdn), item]);
  const rules = faults.rules.map((rule) =>
    rule.msisdn === undefined ? rule : { ...rule, msisdn: hashMsisdn(rule.msisdn) },
  );
  return {
    limit,
    callbacks: { ...callbacks, byMsisdn: Object.fromEntries(codes) },
    faults: { ...faults, rules },
  };
}

/** The event of something that was done to the simulator just now. */
export function controlEvent(
  clock: SimulatorClock,
  what: ControlEvent['what'],
  details: ControlEvent['details'],
): ControlEvent {
  const atMs = clock.nowMs();
  return { type: 'control', at: clock.isoTime(atMs), atMs, what, details };
}
