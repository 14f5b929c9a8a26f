/**
 * Measures: `npm run bench [-- NAME ...]`. Each bench prints a table in Markdown; what it says belongs to this
 * machine at this hour, so compare within one run.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { startStack } from '@whatsapp-stream/stack';
import { benchCallbacks } from './callbacks.ts';
import { benchIdle } from './idle.ts';
import { benchLanes } from './lanes.ts';
import { benchLearn } from './learn.ts';
import { benchLimit } from './limit.ts';
import { benchMemory } from './memory.ts';
import { benchReplay } from './replay.ts';
import type { Bench } from './table.ts';
import { benchTakeover } from './takeover.ts';
import { benchThroughput } from './throughput.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  limit: benchLimit,
  learn: benchLearn,
  lanes: benchLanes,
  throughput: benchThroughput,
  takeover: benchTakeover,
  memory: benchMemory,
  idle: benchIdle,
  callbacks: benchCallbacks,
  replay: benchReplay,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.\n`,
  );
  process.exit(64);
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const [cpu] = cpus();
say(
  `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)} before`,
);
const stack = await startStack({ report: say });
try {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    say(`\n## ${name}\n`);
    say(await bench(stack));
  }
} finally {
  await stack.stop();
}
