import { table } from '../table.ts';
import { type Contender, inTurns, medianOf, sumOf } from './contenders.ts';
import type { LoadResult } from './load.ts';
import { NOTHING } from './tally.ts';
import type { World } from './world.ts';

const ROUNDS = 3;
const CONNECTIONS = 64;
const RATE = 1_000;
const WARM_UP_SECONDS = 5;
const SECONDS = 15;

interface Round extends LoadResult {
  readonly distinct: number;
}

/**
 * 1,000 callbacks a second, due evenly, whatever becomes of those before; each latency is counted from when the request
 * was due, so that nothing is omitted while a server stands still. The contenders take turns, each time in a fresh
 * process that is warmed up with the same rate; figures are medians over the rounds.
 */
export async function fixedRate(world: World): Promise<string> {
  const results = await inTurns(ROUNDS, (contender) => measure(world, contender));
  const rows = results.map(({ contender, rounds }) => [
    contender.name,
    medianOf(rounds, (one) => one.p50Ms).toFixed(1),
    medianOf(rounds, (one) => one.p99Ms).toFixed(1),
    medianOf(rounds, (one) => one.p999Ms).toFixed(1),
    rounds.map((one) => one.p99Ms.toFixed(1)).join(', '),
    Math.max(...rounds.map((one) => one.maxMs)).toFixed(1),
    sumOf(rounds, (one) => one.ok),
    sumOf(rounds, (one) => one.other + one.errors),
    contender.keeps ? sumOf(rounds, (one) => one.distinct) : '',
  ]);
  const head = ['', 'p50, ms', 'p99, ms', 'p99.9, ms', 'p99 by round', 'most, ms'];
  return table([...head, 'answered 200', 'not', 'in the topic'], rows);
}

async function measure(world: World, contender: Contender): Promise<Round> {
  const since = await world.mark();
  const result = await loaded(world, contender);
  const { distinct } = (await world.tally(since)).get(result.run) ?? NOTHING;
  return { ...result, distinct };
}

async function loaded(world: World, contender: Contender): Promise<LoadResult> {
  await using running = await world.start(contender);
  const load = { connections: CONNECTIONS, rate: RATE };
  await running.load({ ...load, seconds: WARM_UP_SECONDS });
  return await running.load({ ...load, seconds: SECONDS });
}
