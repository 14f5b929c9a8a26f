/** A thread of an export: replays its partitions into its sink. */
import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import {
  type ClusterOptions,
  type Replayed,
  type ReplayOptions,
  replayBatches,
  replaySendBatches,
} from '@whatsapp-stream/client';
import { writeError } from '../errors.ts';
import type { SkippedPlace } from '../options.ts';
import type { Column } from '../rows/column.ts';
import { sendColumns } from '../rows/send-columns.ts';
import { STATUS_COLUMNS } from '../rows/status-columns.ts';
import { failureOf } from './failure.ts';
import type { Job, JobProgress, Order, Told } from './protocol.ts';
import { createSink } from './sink.ts';

const PROGRESS_EVERY_MS = 100;

// A thread that is ended leaves what it has compiled to nobody, and to compile it takes 20 MB of memory for good.
flushCompileCache();

const job: Job = workerData;
const stop = new AbortController();
const skippedPlaces: SkippedPlace[] = [];
let skipped = 0;

function tell(told: Told): void {
  if (told.kind === 'lines') parentPort?.postMessage(told, [told.bytes.buffer]);
  else parentPort?.postMessage(told);
}

async function pass<E>(batches: AsyncIterable<Replayed<E>>, columns: readonly Column<E>[]): Promise<void> {
  const sink = await createSink(job.target, columns, (bytes) => tell({ kind: 'lines', bytes }));
  parentPort?.on('message', (order: Order) => {
    if (order.kind === 'stop') stop.abort();
    else sink.taken(order.bytes);
  });
  let progress: JobProgress = { passed: 0, total: 0, events: 0, skipped: 0, skippedPlaces: [] };
  const report = () => {
    tell({ kind: 'progress', progress: { ...progress, skipped, skippedPlaces: skippedPlaces.splice(0) } });
  };
  const timer = setInterval(report, PROGRESS_EVERY_MS);
  try {
    for await (const { events, records, passed, total } of batches) {
      for (const [i, event] of events.entries()) {
        const record = records[i];
        if (record !== undefined) sink.add(event, record);
      }
      progress = { ...progress, passed, total, events: progress.events + events.length };
      await sink.room();
      stop.signal.throwIfAborted();
    }
    await sink.finish();
    report();
  } finally {
    clearInterval(timer);
    sink.close();
  }
}

const options: ClusterOptions & ReplayOptions = {
  ...job.cluster,
  from: job.fromMs,
  to: job.toMs,
  where: job.where,
  partitions: job.partitions,
  signal: stop.signal,
  onSkipped({ record: { topic, partition, offset }, code }) {
    skipped += 1;
    skippedPlaces.push({ topic, partition, offset, code });
  },
  onWaiting: (error) => tell({ kind: 'waiting', message: error.message }),
};

try {
  if (job.topic === 'status') await pass(replayBatches(options), STATUS_COLUMNS);
  else await pass(replaySendBatches(options), sendColumns(job.personalData));
  tell({ kind: 'done' });
} catch (error) {
  const where = job.target.kind === 'parts' ? job.target.folder : 'the output';
  tell({ kind: 'failed', failure: failureOf(writeError(error, where)) });
}
