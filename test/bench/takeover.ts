import { setTimeout as sleep } from 'node:timers/promises';
import { callOf, makerOf } from '../support/calls.ts';
import { messages } from '../support/messages.ts';
import { type OperatedProgram, ownProcesses } from '../support/processes.ts';
import { type StackAddress, type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { type Bench, percentile, table } from './table.ts';

const SESSION_MS = 6_000;
const ROUNDS = 6;
/** More than is sent in all rounds: there is always work. */
const BACKLOG = 8_000;
/** Calls of the active one before it is ended. */
const WORK = 100;
const LOOK_EVERY_MS = 50;

/**
 * The active one of three replicas is killed, or asked to stop, in the middle of its work, and started anew, again
 * and again. Observed by the simulator: from the kill (for SIGTERM: from the last request of the one that leaves) to
 * the first request of another.
 */
export const benchTakeover: Bench = async (stack) => {
  const rows: (string | number)[][] = [];
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const gaps = await gapsAfter(signal, stack);
    const [least = 0, median = 0, most = 0] = [0, 0.5, 1].map((p) => Math.round(percentile(gaps, p)));
    const aim = signal === 'SIGKILL' ? SESSION_MS + 3_000 : 3_000;
    rows.push([signal, gaps.length, least, median, most, aim]);
  }
  return table(['signal', 'rounds', 'least, ms', 'median, ms', 'most, ms', 'aim, ms'], rows);
};

async function gapsAfter(signal: 'SIGKILL' | 'SIGTERM', stack: StackAddress): Promise<number[]> {
  await using processes = ownProcesses();
  const system = await startSystem(stack, {
    env: { SENDER_SESSION_TIMEOUT_MS: String(SESSION_MS) },
    verihubs: { faults: { latency: { minMs: 20, maxMs: 100 } } },
  });
  try {
    const start = (n: number) => processes.sender(`sender-${n}`, system.env);
    const replicas = [await start(0), await start(1), await start(2)];
    await system.publisher.sendMany(messages('m', BACKLOG));
    const gaps: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const calls = arrivals(system).length;
      await until('the active one sends', () => arrivals(system).length >= calls + WORK);
      const active = await activeOf(replicas);
      const at = Date.now();
      active.signal(signal);
      await active.ended;
      const left = makersLast(system);
      await until('another one sends', () => makersLast(system).maker !== left.maker);
      const next = arrivals(system).find(({ atMs, maker }) => atMs >= at && maker !== left.maker);
      gaps.push((next?.atMs ?? Number.NaN) - (signal === 'SIGTERM' ? left.atMs : at));
      replicas.splice(replicas.indexOf(active), 1, await start(round + 2));
    }
    return gaps;
  } finally {
    await system.stop();
  }
}

function arrivals({ verihubs }: System) {
  return verihubs.control
    .events()
    .filter((event) => event.type === 'request')
    .map(({ at, callbackUrl }) => ({
      atMs: Date.parse(at),
      maker: makerOf(callOf(callbackUrl)?.attemptId ?? ''),
    }));
}

/** The request that came last. */
function makersLast(system: System) {
  const last = arrivals(system).at(-1);
  if (!last) throw new Error('nothing was sent');
  return last;
}

async function activeOf(replicas: readonly OperatedProgram[]): Promise<OperatedProgram> {
  for (;;) {
    for (const replica of replicas) if ((await replica.metric('sender_active')) === 1) return replica;
    await sleep(LOOK_EVERY_MS);
  }
}
