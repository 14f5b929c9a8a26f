/** A sender with endless work and a strict receiver, without a clock: what tests of pacing drive. */
import type { Pace } from './pace.ts';
import type { Regulator } from './regulator.ts';

export interface RunOptions {
  readonly pace: Pace;
  readonly regulator: Regulator;
  readonly forMs: number;
  /** How long the request that leaves at this time is under way to the receiver. */
  readonly wayMs: (leftAt: number) => number;
  /** How long the answer takes from there. */
  readonly answerMs: () => number;
  /** Requests that the receiver takes in any sliding second, at this time. */
  readonly takes: (at: number) => number;
}

export interface Run {
  /** When requests were refused, in the order of their arrival. */
  readonly refusedAt: readonly number[];
  /** When each of the others arrived. */
  readonly takenAt: readonly number[];
}

interface Step {
  readonly at: number;
  readonly run: (at: number) => void;
}

const SECOND_MS = 1_000;

/** Sends as soon as the pace allows, and tells the regulator of each refusal when its answer is there. */
export function runAgainstReceiver(options: RunOptions): Run {
  const { pace, regulator, forMs, wayMs, answerMs, takes } = options;
  const steps = createSteps();
  const refusedAt: number[] = [];
  const takenAt: number[] = [];

  function arrive(at: number, leftAt: number): void {
    const inTheSecond = takenAt.length - 1 - takenAt.findLastIndex((taken) => taken <= at - SECOND_MS);
    if (inTheSecond < takes(at)) {
      takenAt.push(at);
      return;
    }
    refusedAt.push(at);
    steps.add(at + answerMs(), (learntAt) => regulator.lesson('too many requests', learntAt, leftAt));
  }

  function send(now: number): void {
    if (now >= forMs) return;
    const waitMs = pace.waitMs(now);
    if (waitMs > 0) {
      steps.add(now + waitMs, send);
      return;
    }
    pace.take(now)(now);
    steps.add(now + wayMs(now), (at) => arrive(at, now));
    send(now);
  }

  steps.add(0, send);
  steps.runAll();
  return { refusedAt, takenAt };
}

/** Things to be done in the order of their times. */
function createSteps() {
  const steps: Step[] = [];
  return {
    add(at: number, run: Step['run']): void {
      const place = steps.findLastIndex((step) => step.at <= at) + 1;
      steps.splice(place, 0, { at, run });
    },
    runAll(): void {
      for (let next = steps.shift(); next; next = steps.shift()) next.run(next.at);
    },
  };
}
