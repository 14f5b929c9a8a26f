import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from '@whatsapp-stream/cli';
import { createKafka } from '@whatsapp-stream/kafka';
import { connectRegistry } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { type Reaper, startReaper } from '@whatsapp-stream/stack';
import { ownNames, type StackAddress } from '../support/system.ts';
import { CONTENDERS, type Contender, type Place } from './replay/contenders.ts';
import { type Measured, measure } from './replay/measure.ts';
import { deleteTopics } from './replay/topic.ts';
import { type Bench, table } from './table.ts';

const EVENTS = 2_000_000;
/** Above it, what is an order slower than the others is left out. */
const SLOW_UP_TO = 5_000_000;
const MIB = 2 ** 20;
const ANCHOR = 'replay to NDJSON';
const DATA = fileURLToPath(new URL('../../data', import.meta.url));
const FILL = fileURLToPath(new URL('./replay/fill.ts', import.meta.url));

/**
 * Reads so many status events (`BENCH_EVENTS`, 2,000,000 unless told) from a topic, decodes them and writes them, each
 * way in a process of its own. On the disk are the topic, 350 bytes an event, and one output at a time, up to 530
 * bytes an event; both are removed.
 */
export const benchReplay: Bench = async (stack) => {
  const events = Number(process.env['BENCH_EVENTS'] ?? EVENTS);
  if (!Number.isSafeInteger(events) || events < 5)
    throw new RangeError('BENCH_EVENTS must be a number from 5');
  await using cleanup = new AsyncDisposableStack();
  const reaper = cleanup.adopt(startReaper(), (one) => one.close());
  const { env, topic } = await fill(stack, events, cleanup);
  const rows: (readonly (string | number)[])[] = [];
  let anchor: number | undefined;
  for (const contender of CONTENDERS) {
    if (contender.slow && events > SLOW_UP_TO) continue;
    process.stderr.write(`${contender.name} …\n`);
    const result = await inFolder(reaper, (folder) =>
      runOne(contender, { folder, env, topic, events }, reaper),
    );
    const perSecond = typeof result === 'string' ? undefined : events / result.seconds;
    if (contender.name === ANCHOR) anchor = perSecond;
    rows.push(rowOf(contender, result, perSecond));
  }
  const head = ['what', 'events/s', 'CPU, s', 'memory after half, MiB', 'memory at most, MiB'];
  const withRatio = rows.map((row) => [...row, ratio(row[1], anchor)]);
  return `${events.toLocaleString('en')} status events\n\n${table([...head, `beside ${ANCHOR}`], withRatio)}`;
};

async function fill(stack: StackAddress, events: number, cleanup: AsyncDisposableStack) {
  const names = ownNames();
  const log = createLogger('bench', 'fatal');
  const kafka = createKafka({ brokers: stack.brokers.split(','), clientId: 'bench', log });
  const registry = connectRegistry({ url: stack.registryUrl });
  await setUp({ kafka, registry, names, replicationFactor: 1 });
  cleanup.defer(() =>
    deleteTopics(stack.brokers, [...names.lanes, names.status, names.deadLetter, names.control]),
  );
  const env = {
    ...process.env,
    KAFKA_BROKERS: stack.brokers,
    SCHEMA_REGISTRY_URL: stack.registryUrl,
    SEND_TOPICS: names.lanes.join(','),
    STATUS_TOPIC: names.status,
    DLQ_TOPIC: names.deadLetter,
    CONTROL_TOPIC: names.control,
  };
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [FILL, names.status, String(events)], {
    env,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the topic could not be filled');
  const seconds = (performance.now() - start) / 1_000;
  process.stderr.write(`${events} events written in ${seconds.toFixed(0)} s\n`);
  return { env, topic: names.status };
}

/** On the disk of the project: the system's folder for temporary files may be memory. */
async function inFolder<T>(reaper: Reaper, work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(DATA, { recursive: true });
  const folder = mkdtempSync(join(DATA, 'bench-'));
  reaper.watch({ kind: 'folder', id: folder });
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    reaper.forget({ kind: 'folder', id: folder });
  }
}

async function runOne(contender: Contender, place: Place, reaper: Reaper): Promise<Measured | string> {
  const run = await contender.run(place);
  if (typeof run === 'string') return run;
  const measured = await measure(run, reaper);
  // Who counts says it first thing; kcat says nothing.
  const told = /^([\d,]+) (events|states of ([\d,]+) events)/m.exec(measured.stderr);
  const count = Number((told?.[3] ?? told?.[1] ?? String(place.events)).replaceAll(',', ''));
  if (count !== place.events) throw new Error(`${contender.name} read ${count} of ${place.events} events`);
  return measured;
}

function rowOf(contender: Contender, result: Measured | string, perSecond: number | undefined) {
  if (typeof result === 'string' || perSecond === undefined)
    return [contender.name, `not run: ${result}`, '', '', ''];
  const { cpuSeconds, halfwayPeakBytes, peakBytes } = result;
  const [halfway, peak] = [halfwayPeakBytes, peakBytes].map((bytes) => (bytes / MIB).toFixed(0));
  return [contender.name, Math.round(perSecond), cpuSeconds.toFixed(1), halfway ?? '', peak ?? ''];
}

function ratio(perSecond: string | number | undefined, anchor: number | undefined): string {
  if (typeof perSecond !== 'number' || anchor === undefined) return '';
  return `${(perSecond / anchor).toFixed(2)} ×`;
}
