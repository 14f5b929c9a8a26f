import { setTimeout as sleep } from 'node:timers/promises';
import { startKafkaProxy } from '../../support/kafka-proxy.ts';
import { table } from '../table.ts';
import { CALLBACK_INGEST } from './contenders.ts';
import { syncsPerSecond } from './disk.ts';
import { FASTEST_MAKER, type Load, type LoadResult } from './load.ts';
import type { Mark, Tallies } from './tally.ts';
import type { Running, World } from './world.ts';

const CONNECTIONS = 64;
const MORE_CONNECTIONS = 512;
const RATE = 1_000;
const WARM_UP_SECONDS = 4;
const SECONDS = 8;
/** A load goes on for so long before the way to Kafka is cut, and for the rest of its time after. */
const CUT_AFTER_MS = 3_000;
const LIVE_SECONDS = 20;
const LOOK_EVERY_MS = 200;
const DRAINED_WITHIN_MS = 240_000;
/** All that is owed has come: what else was kept, for clients that had hung up, has come when it was so long quiet. */
const SETTLED_MS = 2_000;
/** Nothing more comes when nothing has come for so long: longer than any pause between two attempts. */
const QUIET_MS = 20_000;

interface Named extends LoadResult {
  readonly name: string;
}

/** What came into the topic after Kafka was back. */
interface Drained {
  readonly name: string;
  /** Of what was answered 200 while Kafka was away. */
  readonly owed: number;
  readonly distinct: number;
  readonly records: number;
  /** Since Kafka was back. */
  readonly firstAfterMs: number;
  readonly lastAfterMs: number;
  readonly perSecond: number;
}

/**
 * Kafka away: the way to it is cut by a proxy, which refuses connections as a broker that is gone. How many callbacks
 * are kept by the spool, beside what the disk can sync; and how fast the spool is emptied when Kafka is back, judged by
 * the times at which the broker appended its records, alone and with callbacks that come meanwhile.
 */
export async function outage(world: World): Promise<string> {
  if (world.brokers.includes(','))
    return 'Not measured: a cluster of several brokers cannot be cut off here.';
  const syncsBefore = syncsPerSecond(world.folder);
  const proxy = await startKafkaProxy(world.brokers);
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => proxy.cut());
  await using running = await world.start(CALLBACK_INGEST, { KAFKA_BROKERS: proxy.address });
  await running.load({ seconds: WARM_UP_SECONDS, connections: CONNECTIONS, rate: null });

  const first = await spoolAndDrain(world, running, proxy);
  const second = await drainWithLive(world, running, proxy);
  const syncsAfter = syncsPerSecond(world.folder);
  return [
    `The disk appends 4 KiB and syncs (fdatasync) ${Math.round(syncsBefore)} times a second before, ${Math.round(syncsAfter)} after. Loads without a rate made by ${FASTEST_MAKER}.`,
    '',
    loadTable([...first.loads, ...second.loads]),
    '',
    drainTable([first.drained, second.drained]),
  ].join('\n');
}

type Proxy = Awaited<ReturnType<typeof startKafkaProxy>>;

async function spoolAndDrain(world: World, running: Running, proxy: Proxy) {
  const since = await world.mark();
  const atRate: Load = { seconds: SECONDS, connections: CONNECTIONS, rate: RATE };
  const asFast: Load = { ...atRate, rate: null };
  const cutting = running.load(atRate);
  cutting.catch(() => {});
  await sleep(CUT_AFTER_MS);
  await proxy.cut();
  const loads: Named[] = [{ ...(await cutting), name: `${RATE} a second, Kafka cut after 3 s` }];
  for (const [name, load] of [
    ['spool, 64 connections', asFast],
    ['spool, 512 connections', { ...asFast, connections: MORE_CONNECTIONS }],
    [`spool, ${RATE} a second`, atRate],
  ] as const) {
    loads.push({ ...(await running.load(load)), name });
  }
  const backMs = Date.now();
  await proxy.restore();
  await untilDrained(world, since, owedBy(loads));
  return { loads, drained: drainedOf('alone', await world.tally(since), loads, backMs) };
}

async function drainWithLive(world: World, running: Running, proxy: Proxy) {
  const since = await world.mark();
  await proxy.cut();
  const load: Load = { seconds: SECONDS, connections: CONNECTIONS, rate: null };
  const spooled = { ...(await running.load(load)), name: 'spool, 64 connections, again' };
  const backMs = Date.now();
  await proxy.restore();
  const live = await running.load({ seconds: LIVE_SECONDS, connections: CONNECTIONS, rate: RATE });
  const loads = [spooled, { ...live, name: `${RATE} a second while the spool is emptied` }];
  await untilDrained(world, since, owedBy(loads));
  const drained = drainedOf(`with ${RATE} a second`, await world.tally(since), [spooled], backMs);
  return { loads, drained };
}

const owedBy = (loads: readonly LoadResult[]): number => loads.reduce((sum, { ok }) => sum + ok, 0);

/** Waits until what is owed has come and no more follows, or nothing comes any more. What it saw is not judged. */
async function untilDrained(world: World, since: Mark, owed: number): Promise<void> {
  const giveUpMs = performance.now() + DRAINED_WITHIN_MS;
  let last = { count: -1, atMs: performance.now() };
  while (performance.now() < giveUpMs) {
    const count = await world.countSince(since);
    if (count !== last.count) last = { count, atMs: performance.now() };
    if (performance.now() - last.atMs > (count >= owed ? SETTLED_MS : QUIET_MS)) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Of these loads alone; records that were there before Kafka was back do not count for its speed. */
function drainedOf(name: string, tallies: Tallies, loads: readonly LoadResult[], backMs: number): Drained {
  const of = loads.flatMap(({ run }) => tallies.get(run) ?? []);
  const times = of
    .flatMap(({ appendedMs }) => appendedMs)
    .filter((ms) => ms >= backMs)
    .toSorted((a, b) => a - b);
  const [firstMs = Number.NaN, lastMs = Number.NaN] = [times[0], times.at(-1)];
  return {
    name,
    owed: owedBy(loads),
    distinct: of.reduce((sum, { distinct }) => sum + distinct, 0),
    records: of.reduce((sum, { records }) => sum + records, 0),
    firstAfterMs: firstMs - backMs,
    lastAfterMs: lastMs - backMs,
    perSecond: (times.length / (lastMs - firstMs)) * 1_000,
  };
}

function loadTable(loads: readonly Named[]): string {
  const rows = loads.map((load) => [
    load.name,
    Math.round(load.ok / load.seconds),
    ...[load.p50Ms, load.p99Ms, load.p999Ms, load.maxMs].map((ms) => ms.toFixed(1)),
    load.ok,
    load.other + load.errors,
  ]);
  const head = ['load', '200s a second', 'p50, ms', 'p99, ms', 'p99.9, ms', 'most, ms'];
  return table([...head, 'answered 200', 'not'], rows);
}

function drainTable(drains: readonly Drained[]): string {
  const shown = (value: number) => (Number.isFinite(value) ? Math.round(value) : 'none');
  const rows = drains.map((one) => [
    ...[one.name, one.owed, one.distinct, one.records],
    ...[one.firstAfterMs, one.lastAfterMs, one.perSecond].map(shown),
  ]);
  const head = ['spool emptied', 'answered 200', 'in the topic', 'records'];
  return table([...head, 'first after, ms', 'last after, ms', 'records a second'], rows);
}
