import { table } from '../table.ts';
import { usageOf } from '../usage.ts';
import { ANSWER_ONLY, type Contender, inTurns, medianOf, SEND_EACH, sumOf } from './contenders.ts';
import { FASTEST_MAKER, type LoadResult } from './load.ts';
import { NOTHING } from './tally.ts';
import type { World } from './world.ts';

const ROUNDS = 3;
const CONNECTIONS = 64;
const WARM_UP_SECONDS = 4;
const SECONDS = 8;
const MIB = 2 ** 20;

interface Measured extends LoadResult {
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

interface Round extends Measured {
  readonly records: number;
  readonly distinct: number;
}

const HEAD = [
  ...['', '200s a second', 'by round', '× nothing', '× send each', 'p50, ms', 'p99, ms', 'p99.9, ms'],
  ...['CPU s per 10,000', 'peak RSS, MiB', 'answered 200', 'not', 'in the topic', 'records'],
  'load maker, cores',
];

/**
 * As many callbacks as are answered, over 64 connections. The contenders take turns, each time in a fresh process that
 * is warmed up first; figures are medians over the rounds. What was answered 200 is held against what the topic has:
 * wrk hangs up with requests under way, so there can be up to 64 more in a round.
 */
export async function fullSpeed(world: World): Promise<string> {
  const results = await inTurns(ROUNDS, (contender) => measure(world, contender));
  const speedOf = (wanted: Contender) =>
    medianOf(results.find(({ contender }) => contender === wanted)?.rounds ?? [], perSecond);
  const [nothing, sendEach] = [speedOf(ANSWER_ONLY), speedOf(SEND_EACH)];
  const rows = results.map(({ contender, rounds }) => {
    const speed = medianOf(rounds, perSecond);
    return [
      contender.name,
      Math.round(speed),
      rounds.map((round) => Math.round(perSecond(round))).join(', '),
      (speed / nothing).toFixed(2),
      (speed / sendEach).toFixed(1),
      medianOf(rounds, (one) => one.p50Ms).toFixed(1),
      medianOf(rounds, (one) => one.p99Ms).toFixed(1),
      medianOf(rounds, (one) => one.p999Ms).toFixed(1),
      medianOf(rounds, (one) => (one.cpuSeconds / one.ok) * 10_000).toFixed(2),
      Math.round(Math.max(...rounds.map((one) => one.peakBytes)) / MIB),
      sumOf(rounds, (one) => one.ok),
      sumOf(rounds, (one) => one.other + one.errors),
      contender.keeps ? sumOf(rounds, (one) => one.distinct) : '',
      contender.keeps ? sumOf(rounds, (one) => one.records) : '',
      medianOf(rounds, (one) => one.cores).toFixed(2),
    ];
  });
  return `Load made by ${FASTEST_MAKER}.\n\n${table(HEAD, rows)}`;
}

const perSecond = ({ ok, seconds }: Round): number => ok / seconds;

async function measure(world: World, contender: Contender): Promise<Round> {
  const since = await world.mark();
  const measured = await loaded(world, contender);
  const tallies = await world.tally(since);
  const { records, distinct } = tallies.get(measured.run) ?? NOTHING;
  return { ...measured, records, distinct };
}

/** Starts it, warms it up, measures it, and stops it: what it has taken is then in the topic. */
async function loaded(world: World, contender: Contender): Promise<Measured> {
  await using running = await world.start(contender);
  const load = { connections: CONNECTIONS, rate: null };
  await running.load({ ...load, seconds: WARM_UP_SECONDS });
  const before = usageOf(running.pid);
  const result = await running.load({ ...load, seconds: SECONDS });
  const { cpuSeconds, peakBytes } = usageOf(running.pid);
  return { ...result, cpuSeconds: cpuSeconds - before.cpuSeconds, peakBytes };
}
