import { fixedRate } from './callbacks/fixed-rate.ts';
import { fullSpeed } from './callbacks/full-speed.ts';
import { longRun } from './callbacks/long-run.ts';
import { outage } from './callbacks/outage.ts';
import { createWorld } from './callbacks/world.ts';
import type { Bench } from './table.ts';

const LONG_RUN_MINUTES = 10;

/**
 * callback-ingest beside two anchors, with unique signed callbacks from another process: as fast as it goes, at 1,000 a
 * second, for ten minutes (`BENCH_MINUTES` for another time), and without Kafka. The topic is the judge of what was
 * kept. It takes some 20 minutes in all.
 */
export const benchCallbacks: Bench = async (stack) => {
  const minutes = Number(process.env['BENCH_MINUTES'] ?? LONG_RUN_MINUTES);
  if (!(minutes > 0)) throw new RangeError('BENCH_MINUTES must be a number above 0');
  await using world = await createWorld(stack);
  const parts: string[] = [];
  for (const [title, part] of [
    ['As fast as it goes, 64 connections', () => fullSpeed(world)],
    ['1,000 a second', () => fixedRate(world)],
    ['Without Kafka', () => outage(world)],
    [`Memory over ${minutes} minutes at 1,000 a second`, () => longRun(world, minutes)],
  ] as const) {
    process.stderr.write(`${title} …\n`);
    parts.push(`### ${title}\n\n${await part()}`);
  }
  return parts.join('\n\n');
};
