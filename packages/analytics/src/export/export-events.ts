import { availableParallelism } from 'node:os';
import { clusterOf, type TopicNames, type Where } from '@whatsapp-stream/client';
import { laneOf } from '@whatsapp-stream/schemas';
import type { ExportOptions, ExportSummary, ExportTopic } from './options.ts';
import { openDays } from './output/days.ts';
import { type LineOutput, openFile } from './output/file.ts';
import { toStream } from './output/stream.ts';
import { recordsIn, share } from './plan.ts';
import { csvHead } from './rows/csv.ts';
import { sendColumns } from './rows/send-columns.ts';
import { STATUS_COLUMNS } from './rows/status-columns.ts';
import { createTotals, type Totals } from './totals.ts';
import { runJobs } from './worker/pool.ts';
import type { Job, Target } from './worker/protocol.ts';

const MOST_THREADS = 3;

/** An export that is about to be made: what its threads have in common, and the partitions of each. */
interface Work {
  readonly options: ExportOptions;
  readonly job: Omit<Job, 'partitions' | 'target'>;
  readonly shares: readonly (readonly number[])[];
  readonly totals: Totals;
}

/**
 * Writes the events of a time range to a file, a stream or a folder of days. Threads of their own read and decode;
 * memory is bounded, however much there is. Under the final names there is never half an output; what an earlier run
 * left that was killed is removed.
 *
 * @throws ExportError when the output cannot be made or takes no more; TopicNotFoundError, RegistryUnavailableError or
 *   the Kafka client's error; the signal's reason
 */
export async function exportEvents(options: ExportOptions): Promise<ExportSummary> {
  const start = performance.now();
  const work = await prepare(options);
  const { rows, files } = await (options.states ? writeFolded(work) : writeAll(work));
  const { events, skipped } = work.totals.counts();
  return { events, rows: rows ?? events, skipped, files, tookMs: performance.now() - start };
}

/** What was written; `rows` where they are not the events. */
interface Written {
  readonly files: readonly string[];
  readonly rows?: number;
}

function writeAll(work: Work): Promise<Written> {
  const { format, out } = work.options;
  if (format !== 'parquet') return writeLines(work, format);
  if (typeof out === 'string') return writeDays(work, out);
  throw new TypeError('Parquet needs a folder, not a stream');
}

/** Conditions hold for the states: the callbacks' events know nothing of lanes, and a status is that of the end. */
async function writeFolded(work: Work): Promise<Written> {
  const { out, format, where = {}, signal } = work.options;
  // DuckDB takes 30 MB of memory, and lines need none of it.
  const { foldTo } = await import('./states.ts');
  return await foldTo({ out, format, where, signal }, async (folder) => {
    await run({ ...work, job: { ...work.job, where: {} } }, partsIn(folder));
    return work.totals.counts().events;
  });
}

async function prepare(options: ExportOptions): Promise<Work> {
  const { cluster, topic = 'status', where = {}, threads, personalData = false, signal } = options;
  const [fromMs, toMs] = [Number(options.from), Number(options.to ?? Date.now())];
  const { kafka, topics } = clusterOf(cluster);
  const counts = await recordsIn(kafka, topicsOf(topic, topics, where), fromMs, toMs);
  signal?.throwIfAborted();
  return {
    options,
    job: { cluster, topic, fromMs, toMs, where, personalData },
    shares: share(counts, threads ?? Math.min(availableParallelism(), MOST_THREADS)),
    totals: createTotals(
      [...counts.values()].reduce((sum, count) => sum + count, 0),
      options,
    ),
  };
}

function topicsOf(topic: ExportTopic, names: TopicNames, { lane }: Where): readonly string[] {
  if (topic === 'status') return [names.status];
  return names.lanes.filter((one) => lane === undefined || lane.includes(one) || lane.includes(laneOf(one)));
}

async function writeLines(work: Work, format: 'ndjson' | 'csv'): Promise<Written> {
  const { out } = work.options;
  const output = typeof out === 'string' ? await openFile(out) : toStream(out);
  try {
    if (format === 'csv') await output.write(new TextEncoder().encode(headOf(work)));
    await run(work, () => ({ kind: 'lines', format }), output);
    return { files: await output.finish() };
  } finally {
    await output.close();
  }
}

function headOf({ job: { topic, personalData } }: Work): string {
  return topic === 'status' ? csvHead(STATUS_COLUMNS) : csvHead(sendColumns(personalData));
}

async function writeDays(work: Work, folder: string): Promise<Written> {
  const { fromMs, toMs } = work.job;
  const output = await openDays({ folder, fromMs, toMs, overwrite: work.options.overwrite ?? false });
  try {
    await run(work, partsIn(output.staging));
    return { files: await output.finish() };
  } finally {
    await output.close();
  }
}

function partsIn(folder: string): (thread: number) => Target {
  return (thread) => ({ kind: 'parts', folder, name: `events-${thread}` });
}

async function run(work: Work, target: (thread: number) => Target, output?: LineOutput): Promise<void> {
  const jobs = work.shares.map((partitions, i) => ({ ...work.job, partitions, target: target(i) }));
  await runJobs(
    jobs,
    {
      lines: async (bytes) => output?.write(bytes),
      progress: work.totals.take,
      waiting: (message) => work.options.onWaiting?.(message),
    },
    work.options.signal,
  );
}
