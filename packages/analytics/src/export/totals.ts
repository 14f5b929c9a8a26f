import type { ExportOptions, ExportProgress } from './options.ts';
import type { Job, JobProgress } from './worker/protocol.ts';

/** What all threads together have done. */
export interface Totals {
  take(job: Job, progress: JobProgress): void;
  counts(): ExportProgress;
}

/** @param expected how many offsets will be passed, before the threads know it better */
export function createTotals(
  expected: number,
  { onProgress, onSkipped }: Pick<ExportOptions, 'onProgress' | 'onSkipped'>,
): Totals {
  const jobs = new Map<Job, JobProgress>();
  const sum = (count: (progress: JobProgress) => number) =>
    [...jobs.values()].reduce((total, progress) => total + count(progress), 0);
  const counts = () => ({
    passed: sum(({ passed }) => passed),
    total: expected,
    events: sum(({ events }) => events),
    skipped: sum(({ skipped }) => skipped),
  });
  return {
    take(job, progress) {
      jobs.set(job, progress);
      for (const place of progress.skippedPlaces) onSkipped?.(place);
      onProgress?.(counts());
    },
    counts,
  };
}
