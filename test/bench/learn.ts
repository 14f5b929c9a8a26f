import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestEvent } from '@whatsapp-stream/verihubs-simulator';
import { messages } from '../support/messages.ts';
import { ownProcesses } from '../support/processes.ts';
import { requestsOf } from '../support/requests.ts';
import { startSystem } from '../support/system.ts';
import { type Bench, table } from './table.ts';

const SEEDS = [1, 2];
const MINUTES = 2;
const MINUTE_MS = 60_000;
/** More than can be sent: there is always work. */
const BACKLOG = 50 * 60 * MINUTES + 500;
const LOOK_EVERY_MS = 250;

/**
 * A strict sliding second of 50, and a way to it that holds each request for 0 to 50 ms: more than the guard of 20 ms
 * allows for. How many requests are refused until the sender has learnt that, and how fast is it then? Observed by the
 * simulator; what was learnt is what the sender tells its operators at the end.
 */
export const benchLearn: Bench = async (stack) => {
  const rows: (string | number)[][] = [];
  for (const seed of SEEDS) rows.push([seed, ...(await once(stack, seed))]);
  const minutes = Array.from({ length: MINUTES }, (_, i) => `taken a second, minute ${i + 1}`);
  const head = ['seed', 'requests', '429', 'at, s after the first request', ...minutes];
  return table([...head, 'guard at the end', 'most in any second'], rows);
};

async function once(stack: Parameters<Bench>[0], seed: number): Promise<(string | number)[]> {
  await using processes = ownProcesses();
  const verihubs = await processes.verihubs([
    ...['--latency', '20..200', '--arrival-jitter', '0..50', '--seed', String(seed)],
    ...['--callback-codes', '3', '--callback-delay', '5..40'],
  ]);
  const system = await startSystem(stack, { env: { VERIHUBS_BASE_URL: verihubs.url } });
  try {
    await system.publisher.sendMany(messages('m', BACKLOG));
    const sender = await processes.sender('sender', system.env);
    while ((await verihubs.stats()).requests === 0) await sleep(LOOK_EVERY_MS);
    await sleep(MINUTES * MINUTE_MS);
    const guardS = await sender.metric('sender_pace_guard_seconds');
    const { rate } = await verihubs.stats();
    const requests = await requestsOf(verihubs);
    const first = requests[0]?.receivedMs ?? 0;
    const seconds = ({ receivedMs }: RequestEvent) => (receivedMs - first) / 1_000;
    const refused = requests.filter(({ withinLimit }) => withinLimit === false);
    const inMinute = (i: number) =>
      requests.filter((one) => one.taken && Math.floor(seconds(one) / 60) === i).length / 60;
    return [
      requests.length,
      refused.length,
      refused.map((one) => seconds(one).toFixed(1)).join(', ') || 'never',
      ...Array.from({ length: MINUTES }, (_, i) => inMinute(i).toFixed(1)),
      `${Math.round(guardS * 1_000)} ms`,
      rate.maxInAnySecond,
    ];
  } finally {
    await system.stop();
  }
}
