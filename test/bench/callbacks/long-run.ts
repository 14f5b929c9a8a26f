import { setTimeout as sleep } from 'node:timers/promises';
import { table } from '../table.ts';
import { CALLBACK_INGEST } from './contenders.ts';
import { NOTHING } from './tally.ts';
import type { Running, World } from './world.ts';

const CONNECTIONS = 64;
const RATE = 1_000;
const MINUTE_MS = 60_000;
const SAMPLE_EVERY_MS = 10_000;
const MIB = 2 ** 20;

interface Sample {
  /** Since the load began. */
  readonly atMs: number;
  readonly rssMib: number;
  readonly heapMib: number;
}

/** The memory of callback-ingest at 1,000 callbacks a second, by its own metrics, and the latencies over all of it. */
export async function longRun(world: World, minutes: number): Promise<string> {
  const since = await world.mark();
  const { samples, load } = await loaded(world, minutes);
  const { distinct, records } = (await world.tally(since)).get(load.run) ?? NOTHING;
  const rows = Array.from({ length: Math.ceil(minutes) }, (_, minute) =>
    rowOf(
      minute,
      samples.filter(({ atMs }) => Math.floor(atMs / MINUTE_MS) === minute),
    ),
  );
  const head = ['minute', 'RSS, mean, MiB', 'most', 'heap used, mean, MiB', 'least', 'most'];
  const [p50, p99, p999, most] = [load.p50Ms, load.p99Ms, load.p999Ms, load.maxMs].map((ms) => ms.toFixed(1));
  return [
    table(head, rows),
    '',
    `Over all of it: p50 ${p50}, p99 ${p99}, p99.9 ${p999}, most ${most} ms; ${load.ok} answered 200, ${load.other + load.errors} not; in the topic ${distinct}, as ${records} records.`,
  ].join('\n');
}

async function loaded(world: World, minutes: number) {
  await using running = await world.start(CALLBACK_INGEST);
  const over = new AbortController();
  const [load, samples] = await Promise.all([
    running.load({ seconds: minutes * 60, connections: CONNECTIONS, rate: RATE }).finally(() => over.abort()),
    sampleUntil(running, over.signal),
  ]);
  return { load, samples };
}

async function sampleUntil(running: Running, signal: AbortSignal): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const startMs = performance.now();
  for (;;) {
    // Aborted: that was the last one.
    await sleep(SAMPLE_EVERY_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return samples;
    samples.push({
      atMs: performance.now() - startMs,
      rssMib: (await running.metric('process_resident_memory_bytes')) / MIB,
      heapMib: (await running.metric('nodejs_heap_size_used_bytes')) / MIB,
    });
  }
}

function rowOf(minute: number, samples: readonly Sample[]): readonly (string | number)[] {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rss = samples.map(({ rssMib }) => rssMib);
  const heap = samples.map(({ heapMib }) => heapMib);
  const cells = [mean(rss), Math.max(...rss), mean(heap), Math.min(...heap), Math.max(...heap)];
  return [minute + 1, ...cells.map((mib) => mib.toFixed(0))];
}
