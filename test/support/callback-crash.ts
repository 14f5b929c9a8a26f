/**
 * The crash test of callback-ingest: Kafka is taken away and callback-ingest is killed and stopped, each at moments
 * that a seed decides, while callbacks come in. Observed from outside: answers, exit codes, the status topic, the
 * spool's folder.
 */
import assert from 'node:assert/strict';
import type { BrokerSwitch } from '@whatsapp-stream/stack';
import { table } from '../bench/table.ts';
import {
  type IngestFaults,
  inflictOnIngest,
  inflictOnKafka,
  type KafkaFaults,
  type Outage,
} from './callback-faults.ts';
import type { Verdict } from './callback-judge.ts';
import { type CallbackWorld, startCallbackWorld } from './callback-world.ts';
import { type Call, startLoad } from './caller.ts';
import { seededRandom } from './random.ts';
import type { StackAddress } from './system.ts';

export interface CrashOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** Callbacks a second. */
  readonly perSecond: number;
  /** At most so long callback-ingest is left alone before it is ended again, and Kafka for half as long again. */
  readonly calmMs: number;
  /** Killed too, where there is one that nobody else uses. */
  readonly broker?: BrokerSwitch | undefined;
}

export interface CrashResult extends Verdict {
  readonly kafka: KafkaFaults;
  readonly ingest: IngestFaults;
  /** Answered 200 in a time when nothing could reach Kafka: the disk alone had them. */
  readonly keptByDisk: number;
  readonly seconds: number;
}

/** A service has so long to stop. */
const STOP_WITHIN_MS = 15_000;
/** An empty spool keeps a few pages. */
const EMPTY_SPOOL_BYTES = 256 * 1_024;
/** Chance of Kafka, of the service and of the callbacks are sequences of their own. */
const KAFKA_SEED = 0xca_f4a;
const INGEST_SEED = 0x1_6e57;

/** @throws when any guarantee was broken */
export async function crash(stack: StackAddress, options: CrashOptions): Promise<CrashResult> {
  const { seed, durationMs } = options;
  const began = performance.now();
  await using world = await startCallbackWorld(stack, { seed });
  const { ingest, caller } = world;
  await ingest.start();
  const { kafka, faults } = await underLoad(world, options);
  await world.drained();
  const verdict = await world.expectAllKept();
  for (const { how, tookMs } of faults.stops) {
    assert.equal(how, 0);
    assert.ok(tookMs < STOP_WITHIN_MS, `${Math.round(tookMs)} ms to stop`);
  }
  const last = await ingest.stop();
  assert.equal(last.how, 0);
  assert.ok(world.spoolBytes() < EMPTY_SPOOL_BYTES, `${world.spoolBytes()} bytes in an empty spool`);
  const keptByDisk = keptDuring([...caller.calls.values()], kafka.outages);
  assert.ok(keptByDisk > 0, `in ${durationMs} ms nothing had to be kept by the disk`);
  return { ...verdict, kafka, ingest: faults, keptByDisk, seconds: (performance.now() - began) / 1_000 };
}

async function underLoad(
  world: CallbackWorld,
  { seed, durationMs, perSecond, calmMs, broker }: CrashOptions,
) {
  const { ingest, caller, maker, proxy } = world;
  const stopLoad = startLoad({ caller, next: maker.next, perSecond, maxUnderWay: 64 });
  try {
    const [kafka, faults] = await Promise.all([
      inflictOnKafka(
        { random: seededRandom(seed ^ KAFKA_SEED), durationMs, pause: { minMs: 200, maxMs: 1.5 * calmMs } },
        { proxy, broker, lasts: { minMs: 300, maxMs: 2_500 } },
      ),
      inflictOnIngest(
        { random: seededRandom(seed ^ INGEST_SEED), durationMs, pause: { minMs: 20, maxMs: calmMs } },
        ingest,
      ),
    ]);
    return { kafka, faults };
  } finally {
    await stopLoad();
  }
}

function keptDuring(calls: readonly Call[], outages: readonly Outage[]): number {
  return calls.filter(
    ({ status, sentAtMs, endedAtMs }) =>
      status === 200 && outages.some(({ fromMs, toMs }) => sentAtMs >= fromMs && endedAtMs <= toMs),
  ).length;
}

const CRASH_COLUMNS = [
  'seed',
  'seconds',
  'times Kafka was away',
  'kill -9',
  'SIGTERM',
  'callbacks',
  'answered 200',
  'of these by the disk alone',
  'in the topic',
  'lost',
  'invented',
  'records that repeat one',
] as const;

/** A table in Markdown, one row for each run. */
export function crashTable(runs: readonly { readonly seed: number; readonly result: CrashResult }[]): string {
  const rows = runs.map(({ seed, result }) => [
    seed,
    result.seconds.toFixed(0),
    result.kafka.faults.length,
    result.ingest.faults.filter((fault) => fault === 'kill').length,
    result.ingest.faults.filter((fault) => fault === 'stop').length,
    result.made,
    result.answered,
    result.keptByDisk,
    result.facts,
    result.missing.length,
    result.foreign.length,
    result.duplicates,
  ]);
  return table(CRASH_COLUMNS, rows);
}
