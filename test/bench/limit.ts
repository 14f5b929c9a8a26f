import type { StatusEvent } from '@whatsapp-stream/schemas';
import { messages } from '../support/messages.ts';
import { ownProcesses } from '../support/processes.ts';
import { startSystem } from '../support/system.ts';
import { type Bench, percentile, table } from './table.ts';

const MESSAGES = 1_000;
const RUNS = 3;

/**
 * 1,000 messages over three lanes against a strict sliding second of 50, answers after 20 to 200 ms. Observed by
 * the simulator, in a process of its own.
 */
export const benchLimit: Bench = async (stack) => {
  const rows: (string | number)[][] = [];
  for (let run = 1; run <= RUNS; run++) rows.push([run, ...(await once(stack))]);
  const head = [
    'run',
    'messages',
    'taken',
    'taken twice',
    '429',
    'most in any second',
    'budget used',
    'settled and closed',
  ];
  return table([...head, 'otp: publish → attempt, p50 / p99', 'simulator late by, p99 / max'], rows);
};

async function once(stack: Parameters<Bench>[0]): Promise<(string | number)[]> {
  await using processes = ownProcesses();
  const verihubs = await processes.verihubs(['--latency', '20..200', '--callback-delay', '5..40']);
  const system = await startSystem(stack, { env: { VERIHUBS_BASE_URL: verihubs.url } });
  try {
    await processes.sender('sender', system.env);
    const publishedAt = Date.now();
    await system.publisher.sendMany(messages('m', MESSAGES));
    const closed = (events: readonly StatusEvent[]) =>
      events.filter(({ status }) => status === 'READ').length;
    await system.until((events) => closed(events) >= MESSAGES, 120_000);
    const { taken, duplicates, byStatus, rate, eventLoopDelayMs } = await verihubs.stats();
    const waits = system.events
      .filter(({ lane, status }) => lane === 'otp' && status === 'ATTEMPTED')
      .map(({ occurred_at }) => occurred_at - publishedAt);
    return [
      MESSAGES,
      taken,
      duplicates.extraTakings,
      byStatus['429'] ?? 0,
      rate.maxInAnySecond,
      `${((rate.budgetUsed ?? 0) * 100).toFixed(1)} %`,
      closed(system.events),
      `${percentile(waits, 0.5)} / ${percentile(waits, 0.99)} ms`,
      `${eventLoopDelayMs.p99.toFixed(1)} / ${eventLoopDelayMs.max.toFixed(1)} ms`,
    ];
  } finally {
    await system.stop();
  }
}
