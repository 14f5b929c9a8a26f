import type { StatusEvent } from '@whatsapp-stream/schemas';
import { messages } from '../support/messages.ts';
import { ownProcesses } from '../support/processes.ts';
import { startSystem } from '../support/system.ts';
import { type Bench, table } from './table.ts';

/** Requests a second, and how many messages are sent so fast: a minute of them, and 40 seconds. */
const CASES = [
  { perSecond: 50, count: 3_000 },
  { perSecond: 500, count: 20_000 },
] as const;
const RUNS = 2;
const WITHIN_MS = 180_000;

/**
 * A backlog over three lanes against a strict sliding second, answers after 20 to 200 ms. Observed by the simulator, in
 * a process of its own, as is the sender; it makes no callbacks, because they would make it stamp arrivals late.
 */
export const benchLimit: Bench = async (stack) => {
  const rows: (string | number)[][] = [];
  for (const one of CASES) {
    for (let run = 1; run <= RUNS; run++) rows.push([one.perSecond, run, ...(await once(stack, one))]);
  }
  const head = [
    'limit, a second',
    'run',
    'messages',
    'taken',
    'taken twice',
    '429',
    'most in any second',
    'budget used',
    'settled',
    'simulator late by, p99 / max',
  ];
  return table(head, rows);
};

async function once(
  stack: Parameters<Bench>[0],
  { perSecond, count }: (typeof CASES)[number],
): Promise<(string | number)[]> {
  await using processes = ownProcesses();
  const verihubs = await processes.verihubs([
    ...['--max-rps', String(perSecond), '--latency', '20..200'],
    ...['--callback-loss', '1'],
  ]);
  const env = { VERIHUBS_BASE_URL: verihubs.url, VERIHUBS_MAX_RPS: String(perSecond) };
  const system = await startSystem(stack, { env });
  try {
    await system.publisher.sendMany(messages('m', count));
    await processes.sender('sender', system.env);
    const settled = counter(({ status }) => status === 'ACCEPTED');
    await system.until((events) => settled(events) >= count, WITHIN_MS);
    const { taken, duplicates, byStatus, rate, eventLoopDelayMs } = await verihubs.stats();
    return [
      count,
      taken,
      duplicates.extraTakings,
      byStatus['429'] ?? 0,
      rate.maxInAnySecond,
      `${((rate.budgetUsed ?? 0) * 100).toFixed(1)} %`,
      settled(system.events),
      `${eventLoopDelayMs.p99.toFixed(1)} / ${eventLoopDelayMs.max.toFixed(1)} ms`,
    ];
  } finally {
    await system.stop();
  }
}

/** Counts events in a list that only grows, each once. */
function counter(wanted: (event: StatusEvent) => boolean): (events: readonly StatusEvent[]) => number {
  let seen = 0;
  let count = 0;
  return (events) => {
    for (const event of events.slice(seen)) if (wanted(event)) count += 1;
    seen = events.length;
    return count;
  };
}
