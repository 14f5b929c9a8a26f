import { Agent } from 'undici';
import { type CallbackPlan, callbackCall, type PlannedCallback } from './callback-plan.ts';
import type { SimulatorClock } from './clock.ts';
import type { CallbackEvent } from './events.ts';
import { createSleeper } from './sleeper.ts';

/** The callbacks of one message, or a part of them. */
export type CallbackTask = {
  readonly sessionId: string;
  readonly callbackUrl: string;
  readonly planned: readonly PlannedCallback[];
  readonly plan: CallbackPlan;
};

export type CallbackSender = {
  /**
   * Makes the callbacks one after the other, each after its wait, and resolves when the last has ended or
   * they were dropped. A callback that fails is counted, retried if the plan says so, and stops nothing.
   */
  deliver(task: CallbackTask): Promise<void>;
  /** Callbacks that were handed over and have not ended. */
  pending(): number;
  /** Resolves when none is pending, or those that were pending have been dropped. */
  idle(): Promise<void>;
  /** Forgets those that are pending, breaks off those under way; returns how many. */
  drop(): Promise<number>;
  /** The same for good: those that were pending, and those still handed over, stay pending for ever. */
  close(): Promise<void>;
};

/** What was handed over between one drop and the next. Once `dropped` is set, nothing of it is reported. */
type Era = { dropped: boolean; pending: number; readonly agent: Agent; readonly settled: (() => void)[] };

type CallResult = Pick<CallbackEvent, 'result' | 'status' | 'error'>;

const MAX_CONNECTIONS_PER_ORIGIN = 64;

const newEra = (): Era => ({
  dropped: false,
  pending: 0,
  agent: new Agent({ connections: MAX_CONNECTIONS_PER_ORIGIN }),
  settled: [],
});

const errorCode = (error: unknown): string =>
  error instanceof Error ? String('code' in error ? error.code : error.name) : 'unknown';

/** Makes one HTTP request. Never rejects; the error is a code, because messages can quote the URL. */
async function call(agent: Agent, task: CallbackTask, code: number): Promise<CallResult> {
  const { timeoutMs, style } = task.plan;
  try {
    const { statusCode, body } = await agent.request({
      ...callbackCall(task.callbackUrl, style, task.sessionId, code),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    await body.dump();
    return { result: 'answered', status: statusCode, error: null };
  } catch (error) {
    return { result: 'failed', status: null, error: errorCode(error) };
  }
}

/** Sends callbacks over a bounded pool of connections, and reports what has come of each. */
export function createCallbackSender(
  clock: SimulatorClock,
  onResult: (event: CallbackEvent) => void,
): CallbackSender {
  const sleeper = createSleeper();
  let era = newEra();

  function report(
    task: CallbackTask,
    planned: PlannedCallback,
    rest: Omit<CallbackEvent, 'type' | 'at' | 'tookMs' | 'sessionId' | 'code' | 'duplicate'>,
  ): void {
    onResult({
      type: 'callback',
      at: clock.isoTime(rest.sentMs),
      tookMs: clock.nowMs() - rest.sentMs,
      sessionId: task.sessionId,
      code: planned.code,
      duplicate: planned.duplicate,
      ...rest,
    });
  }

  /** One callback with its retries; false when it was dropped. */
  async function deliverOne(current: Era, task: CallbackTask, planned: PlannedCallback): Promise<boolean> {
    if (!(await sleeper.sleep(planned.waitMs)) || current.dropped) return false;
    for (let attempt = 1; ; attempt += 1) {
      const sentMs = clock.nowMs();
      if (planned.lost) {
        report(task, planned, { sentMs, attempt, final: true, result: 'lost', status: null, error: null });
        return true;
      }
      const outcome = await call(current.agent, task, planned.code);
      if (current.dropped) return false;
      const final = outcome.status === 200 || attempt > task.plan.retries;
      report(task, planned, { sentMs, attempt, final, ...outcome });
      if (final) return true;
      if (!(await sleeper.sleep(task.plan.retryDelayMs))) return false;
    }
  }

  function ended(current: Era): void {
    current.pending -= 1;
    if (current.pending === 0) for (const settle of current.settled.splice(0)) settle();
  }

  /** Ends an era: nothing of it goes on, and nobody waits for it. */
  function end(old: Era): Promise<void> {
    old.dropped = true;
    sleeper.wakeAll();
    for (const settle of old.settled.splice(0)) settle();
    return old.agent.destroy();
  }

  return {
    async deliver(task) {
      const current = era;
      current.pending += task.planned.length;
      for (const planned of task.planned) {
        if (current.dropped || !(await deliverOne(current, task, planned))) return;
        ended(current);
      }
    },
    pending: () => era.pending,
    idle: () =>
      era.pending === 0 || era.dropped
        ? Promise.resolve()
        : new Promise((resolve) => era.settled.push(resolve)),
    async drop() {
      const old = era;
      era = newEra();
      await end(old);
      return old.pending;
    },
    close: () => end(era),
  };
}
