import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messages } from '../support/messages.ts';
import { type OperatedProgram, ownProcesses } from '../support/processes.ts';
import { startSystem } from '../support/system.ts';
import { type Bench, table } from './table.ts';

const CAMPAIGN = 1_000_000;
const CHUNK = 20_000;
/** How many of them are sent before the active one is killed. */
const SENT = 60_000;
const MIB = 2 ** 20;

/**
 * A campaign of a million is queued, the first part of it is sent as fast as it goes, then the active replica is
 * killed. How much of the status log do those that take over read, how long does it take, and how much memory do
 * they have then? One had stood by; one starts afresh; one starts afresh with a short dedupe window, so that it
 * reads no more than the committed offsets need.
 */
export const benchMemory: Bench = async (stack) => {
  await using processes = ownProcesses();
  const system = await startSystem(stack, {
    env: { SENDER_SESSION_TIMEOUT_MS: '6000', VERIHUBS_MAX_RPS: '2000' },
    verihubs: {
      limit: { maxRequestsPerSecond: null },
      faults: { latency: { minMs: 5, maxMs: 20 } },
      callbacks: { outcomes: [{ codes: [1], weight: 1 }], delayMs: { minMs: 1, maxMs: 5 } },
      keep: 1_000,
    },
  });
  try {
    const first = await processes.sender('first', system.env);
    const standBy = await processes.sender('stand-by', system.env);
    for (let i = 0; i < CAMPAIGN; i += CHUNK) {
      await system.publisher.sendMany(messages(`m${i}`, CHUNK, { lane: 'marketing' }));
    }
    await system.until(() => system.verihubs.control.stats().taken >= SENT, 600_000);
    const rows = [['active before', '', '', ...(await memoryOf(first))]];
    first.signal('SIGKILL');
    rows.push(['had stood by', ...(await takenOver(standBy))]);
    standBy.signal('SIGKILL');
    const fresh = await processes.sender('fresh', system.env);
    rows.push(['started afresh', ...(await takenOver(fresh))]);
    fresh.signal('SIGKILL');
    const short = await processes.sender('short', { ...system.env, DEDUPE_WINDOW_MS: '60000' });
    rows.push(['afresh, window of a minute', ...(await takenOver(short))]);
    return table(['replica', 'read, ms', 'records read then', 'remembered', 'memory, MiB'], rows);
  } finally {
    await system.stop();
  }
};

async function memoryOf(sender: OperatedProgram): Promise<readonly [string, string]> {
  const bytes = await sender.metric('process_resident_memory_bytes');
  return [String(await sender.metric('sender_remembered_messages')), (bytes / MIB).toFixed(0)];
}

/** Waits until it has read the log as the active one, and gives what it says of that. */
async function takenOver(sender: OperatedProgram): Promise<readonly string[]> {
  for (;;) {
    const line = readFileSync(sender.logFile, 'utf8')
      .split('\n')
      .find((text) => text.includes('"the status log is read"'));
    if (line !== undefined) {
      const { tookMs, read }: { tookMs: number; read: number } = JSON.parse(line);
      return [String(tookMs), String(read), ...(await memoryOf(sender))];
    }
    await sleep(100);
  }
}
