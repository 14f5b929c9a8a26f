import {
  exportEvents,
  lastRecordedAt,
  MissingColumnsError,
  NoEventsError,
  NotParquetError,
  temporaryFolder,
} from '@whatsapp-stream/analytics';
import { CommandError } from '../command.ts';
import { connection, reach } from '../connection.ts';
import { requireTopics } from '../control-topic.ts';
import { createBar } from '../replay/bar.ts';
import { told } from '../replay/exit.ts';
import type { TimeRange } from '../time-range.ts';
import type { EventSource, ReportRequest } from './request.ts';

/** Events in Parquet files, of which a report can be made. */
export interface ReportEvents {
  /** None when nothing was recorded in the range. */
  readonly files: readonly string[];
  readonly range: Partial<TimeRange>;
  /** As of when messages count as not closed, ms since the epoch. */
  readonly asOfMs: number;
  /** For people. */
  readonly readFrom: string;
}

const DATA_ERROR = 65;
const NO_INPUT = 66;

/**
 * Lends the events that were asked for. Those of Kafka are written to a temporary folder, which is removed however the
 * work ends.
 * @throws CommandError
 */
export async function withEvents<T>(
  { events }: ReportRequest,
  stop: AbortSignal,
  note: (line: string) => void,
  work: (events: ReportEvents) => Promise<T>,
): Promise<T> {
  if (events.kind === 'parquet') return worded(async () => work(await ofFiles(events)));
  const folder = await temporaryFolder('report');
  try {
    return await work(await ofKafka(events.range, folder.path, stop, note));
  } catch (error) {
    throw told(error);
  } finally {
    await folder.remove();
  }
}

async function ofFiles({ files, range }: Extract<EventSource, { kind: 'parquet' }>): Promise<ReportEvents> {
  const last = await lastRecordedAt(files);
  const endMs = last === null ? Number.POSITIVE_INFINITY : last + 1;
  const asOfMs = Math.min(range.toMs ?? Number.POSITIVE_INFINITY, endMs, Date.now());
  return { files, range: { ...range, toMs: asOfMs }, asOfMs, readFrom: files.join(', ') };
}

async function ofKafka(
  range: TimeRange,
  folder: string,
  stop: AbortSignal,
  note: (line: string) => void,
): Promise<ReportEvents> {
  const cluster = connection({ program: 'report', note });
  await reach(cluster);
  await requireTopics(cluster.kafka, [cluster.names.status]);
  const bar = createBar(process.stderr, () => performance.now());
  try {
    const { files, skipped } = await exportEvents({
      cluster: cluster.settings,
      from: range.fromMs,
      to: range.toMs,
      format: 'parquet',
      out: folder,
      signal: stop,
      onProgress: bar.show,
    });
    bar.clear();
    if (skipped > 0) note(`${skipped.toLocaleString('en')} records could not be read, and are left out`);
    return { files, range, asOfMs: range.toMs, readFrom: cluster.shownKafka };
  } finally {
    bar.clear();
  }
}

async function worded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NoEventsError)
      throw new CommandError(`${error.message}: is the path right?`, NO_INPUT);
    if (error instanceof MissingColumnsError || error instanceof NotParquetError)
      throw new CommandError(error.message, DATA_ERROR);
    throw error;
  }
}
