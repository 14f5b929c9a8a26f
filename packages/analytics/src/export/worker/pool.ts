import { Worker } from 'node:worker_threads';
import { errorFrom } from './failure.ts';
import type { Job, JobProgress, Order, Told } from './protocol.ts';

export interface PoolEvents {
  /** Whole lines. Resolves once they are written; the threads wait when too much is under way. */
  lines(bytes: Uint8Array): Promise<void>;
  /** The registry does not answer, and is asked again and again. */
  waiting(message: string): void;
  /** Of one thread. */
  progress(job: Job, progress: JobProgress): void;
}

/** So that the memory of a thread is bounded by more than luck; what it holds at a time is a few MiB. */
const LIMITS = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 80 };
/** A thread that was told to stop closes its connections; it is ended if it takes longer. */
const STOP_WITHIN_MS = 3_000;

/**
 * Runs each job in a thread of its own, until all are done. Then no thread runs any more, also if it rejects: with
 * the first failure, or the signal's reason.
 */
export async function runJobs(
  jobs: readonly Job[],
  events: PoolEvents,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const runs = jobs.map((job) => runJob(job, events, stop.signal));
  try {
    await Promise.all(runs);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(runs);
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function runJob(job: Job, events: PoolEvents, stop: AbortSignal): Promise<void> {
  const worker = new Worker(new URL('./main.ts', import.meta.url), {
    workerData: job,
    resourceLimits: LIMITS,
  });
  const order = (told: Order) => worker.postMessage(told);
  const ended = Promise.withResolvers<void>();
  let written: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const onStop = () => {
    order({ kind: 'stop' });
    timer = setTimeout(() => ended.reject(stop.reason), STOP_WITHIN_MS);
  };
  const write = async (bytes: Uint8Array<ArrayBuffer>) => {
    await events.lines(bytes);
    worker.postMessage({ kind: 'taken', bytes } satisfies Order, [bytes.buffer]);
  };
  worker.on('message', (told: Told) => {
    if (told.kind === 'progress') events.progress(job, told.progress);
    else if (told.kind === 'waiting') events.waiting(told.message);
    else if (told.kind === 'done') ended.resolve();
    else if (told.kind === 'failed') ended.reject(errorFrom(told.failure));
    else {
      written = written.then(() => write(told.bytes));
      written.catch(ended.reject);
    }
  });
  worker.on('error', ended.reject);
  worker.on('exit', (code) => ended.reject(new Error(`a thread of the export ended by itself (${code})`)));
  stop.addEventListener('abort', onStop, { once: true });
  try {
    await ended.promise;
    await written;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
    await worker.terminate();
  }
}
