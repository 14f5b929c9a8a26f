import type { ExportSummary } from '@whatsapp-stream/analytics/export';
import { showDuration } from '../durations.ts';
import type { ReplayRequest } from './request.ts';

/** What an export came to, in lines for people. */
export function summaryLines(request: ReplayRequest, summary: ExportSummary): readonly string[] {
  const { events, rows, skipped, tookMs } = summary;
  const perSecond = Math.round((events * 1_000) / Math.max(1, tookMs));
  const speed = `in ${showDuration(tookMs)}, ${perSecond.toLocaleString('en')} a second`;
  const what = request.states ? `${count(rows, 'state')} of ${count(events, 'event')}` : count(rows, 'event');
  const { fromMs, toMs } = request.range;
  const lines = [
    `${what} from ${isoTime(fromMs)} to ${isoTime(toMs)} written to ${placeOf(request, summary)} ${speed}`,
  ];
  if (skipped > 0) {
    const more = request.listSkipped ? '' : ': --skipped lists them';
    lines.push(
      `${count(skipped, 'record')} could not be read and ${skipped === 1 ? 'is' : 'are'} left out${more}`,
    );
  }
  return lines;
}

function placeOf({ out, format, states }: ReplayRequest, { files }: ExportSummary): string {
  if (out === null) return 'stdout';
  if (format !== 'parquet' || states) return out;
  const days = new Set(files.map((file) => file.slice(0, file.lastIndexOf('/')))).size;
  return `${out} (${count(files.length, 'file')}, ${count(days, 'day')})`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
