import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestEvent } from '@whatsapp-stream/verihubs-simulator';
import { callOf } from '../support/calls.ts';
import { messages } from '../support/messages.ts';
import { ownProcesses } from '../support/processes.ts';
import { between, seededRandom } from '../support/random.ts';
import { requestsOf } from '../support/requests.ts';
import { startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { type Bench, percentile, table } from './table.ts';

const BACKLOGS = [0, 10_000, 1_000_000];
const CHUNK = 20_000;
const WARM_UP = 200;
const OTPS = 400;
/** Between two of them, evenly random: 5 a second, beside a campaign that takes every slot that is left. */
const GAP_MS = { min: 50, max: 350 };
const MIB = 2 ** 20;

/**
 * The time of an otp from its publishing to the arrival of its call at Verihubs, at 50 calls a second, with nothing
 * else queued, and behind campaigns. The median and the 99th percentile should be the same, but for the slot that a
 * campaign's message has just taken.
 */
export const benchLanes: Bench = async (stack) => {
  const rows: (string | number)[][] = [];
  let base = Number.NaN;
  for (const backlog of BACKLOGS) {
    const { waits, memoryBytes, refused } = await otpWaits(stack, backlog);
    const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
    if (backlog === 0) base = p99;
    const cells = [p50, p99, percentile(waits, 1)].map((ms) => ms.toFixed(1));
    rows.push([
      backlog,
      waits.length,
      ...cells,
      (p99 / base).toFixed(2),
      refused,
      (memoryBytes / MIB).toFixed(0),
    ]);
  }
  return table(
    [
      'marketing queued',
      'otps',
      'p50, ms',
      'p99, ms',
      'most, ms',
      'p99, ratio',
      '429',
      'memory of the sender, MiB',
    ],
    rows,
  );
};

async function otpWaits(stack: Parameters<Bench>[0], backlog: number) {
  await using processes = ownProcesses();
  // In a process of its own, without callbacks: it stamps arrivals when they come.
  const verihubs = await processes.verihubs(['--latency', '20..200', '--callback-loss', '1']);
  const system = await startSystem(stack, { env: { VERIHUBS_BASE_URL: verihubs.url } });
  const taken = async () => (await verihubs.stats()).taken;
  try {
    for (let i = 0; i < backlog; i += CHUNK) {
      const chunk = Math.min(CHUNK, backlog - i);
      await system.publisher.sendMany(messages(`m${i}`, chunk, { lane: 'marketing' }));
    }
    const sender = await processes.sender('sender', system.env);
    // What is sent first pays for connections and cold code.
    await system.publisher.sendMany(messages('warm', WARM_UP, { lane: 'otp' }));
    const warm = async () =>
      [...arrivals(await requestsOf(verihubs)).keys()].filter((id) => id.startsWith('warm')).length;
    await until('the first ones are sent', async () => (await warm()) >= WARM_UP);

    const random = seededRandom(1);
    const published = new Map<string, number>();
    for (const message of messages('otp', OTPS, { lane: 'otp' })) {
      await sleep(between(random, GAP_MS.min, GAP_MS.max));
      published.set(message.messageId ?? '', performance.timeOrigin + performance.now());
      await system.publisher.send(message);
    }
    const before = await taken();
    // Two seconds of calls behind a campaign, or the last one of all.
    const last = backlog === 0 ? WARM_UP + OTPS : before + 100;
    await until('all are sent', async () => (await taken()) >= last);
    const memoryBytes = await sender.metric('process_resident_memory_bytes');
    const seen = arrivals(await requestsOf(verihubs));
    const waits = [...published].map(([id, at]) => (seen.get(id) ?? Number.NaN) - at);
    return { waits, memoryBytes, refused: (await verihubs.stats()).byStatus['429'] ?? 0 };
  } finally {
    await system.stop();
  }
}

/** When the first call of each message arrived, ms since the epoch. */
function arrivals(requests: readonly RequestEvent[]): ReadonlyMap<string, number> {
  const byMessage = new Map<string, number>();
  for (const { at, callbackUrl } of requests) {
    const id = callOf(callbackUrl)?.messageId ?? '';
    if (!byMessage.has(id)) byMessage.set(id, Date.parse(at));
  }
  return byMessage;
}
