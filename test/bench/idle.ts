import { setTimeout as sleep } from 'node:timers/promises';
import { type OperatedProgram, ownProcesses } from '../support/processes.ts';
import { startSystem } from '../support/system.ts';
import { type Bench, table } from './table.ts';

const SETTLE_MS = 10_000;
const OBSERVE_MS = 30_000;

/** What a replica costs while there is no work: the active one, and two that stand by. */
export const benchIdle: Bench = async (stack) => {
  await using processes = ownProcesses();
  const system = await startSystem(stack);
  try {
    const replicas: OperatedProgram[] = [];
    for (let n = 0; n < 3; n++) replicas.push(await processes.sender(`idle-${n}`, system.env));
    await sleep(SETTLE_MS);
    const cpu = () => Promise.all(replicas.map((one) => one.metric('process_cpu_seconds_total')));
    const [before, startedAt] = [await cpu(), performance.now()];
    await sleep(OBSERVE_MS);
    const after = await cpu();
    const tookS = (performance.now() - startedAt) / 1_000;
    const rows = await Promise.all(
      replicas.map(async (one, i) => [
        (await one.metric('sender_active')) === 1 ? 'active' : 'standing by',
        `${((100 * ((after[i] ?? 0) - (before[i] ?? 0))) / tookS).toFixed(2)} %`,
        `${Math.round((await one.metric('process_resident_memory_bytes')) / 2 ** 20)} MiB`,
      ]),
    );
    return table(['replica without work', 'of a core', 'memory'], rows);
  } finally {
    await system.stop();
  }
};
