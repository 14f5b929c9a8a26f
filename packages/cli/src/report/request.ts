import { isTimeZone } from '@whatsapp-stream/analytics';
import { isFolder } from '../paths.ts';
import { type TimeRange, timeRange } from '../time-range.ts';
import { DEFAULT_OUT, type ReportCommandOptions } from './options.ts';

/** What was asked for. */
export interface ReportRequest {
  readonly events: EventSource;
  readonly afterMinutes: number;
  readonly timeZone: string;
  readonly result:
    | { readonly kind: 'page'; readonly out: string }
    | { readonly kind: 'audit'; readonly json: boolean };
  /** What one may not expect of the result, in sentences. */
  readonly notes: readonly string[];
}

/** Where the events are. */
export type EventSource =
  | { readonly kind: 'kafka'; readonly range: TimeRange }
  | { readonly kind: 'parquet'; readonly files: readonly string[]; readonly range: Partial<TimeRange> };

const MINUTE_MS = 60_000;
const SUGGESTED = 4;

/**
 * @param machineZone the time zone that holds where none is named
 * @returns every fault of the options together, as sentences, or what they ask for
 */
export function reportRequest(
  options: ReportCommandOptions,
  nowMs: number,
  machineZone: string,
): { readonly faults: readonly string[] } | ReportRequest {
  const { after, out = DEFAULT_OUT, timeZone = machineZone } = options;
  const source = sourceOf(options, nowMs);
  const faults = [
    ...('fault' in source ? [source.fault] : []),
    ...(isTimeZone(timeZone) ? [] : [unknownZone(timeZone)]),
    ...resultFaults(options, out),
  ];
  if ('fault' in source || faults.length > 0) return { faults };
  const { notes, ...events } = source;
  return {
    events,
    notes,
    afterMinutes: after / MINUTE_MS,
    timeZone,
    result: options.audit ? { kind: 'audit', json: options.json === true } : { kind: 'page', out },
  };
}

function sourceOf(
  { from, to, parquet }: ReportCommandOptions,
  nowMs: number,
): (EventSource & { readonly notes: readonly string[] }) | { readonly fault: string } {
  if (from === undefined) {
    if (parquet === undefined)
      return { fault: 'where does it begin? --from 7d for instance, or --parquet FOLDER' };
    return { kind: 'parquet', files: parquet, range: to === undefined ? {} : { toMs: to }, notes: [] };
  }
  const time = timeRange(from, to, nowMs);
  if (!time.ok) return { fault: time.fault };
  const { notes } = time;
  const { fromMs } = time.range;
  if (parquet === undefined) return { kind: 'kafka', range: time.range, notes };
  // Without --to, files end where they end, which may be long ago.
  return { kind: 'parquet', files: parquet, range: to === undefined ? { fromMs } : time.range, notes };
}

function resultFaults(options: ReportCommandOptions, out: string): readonly string[] {
  if (options.audit)
    return options.out === undefined
      ? []
      : ['--audit lists on stdout and writes no page: it does not go with --out'];
  const faults = options.json ? ['--json goes with --audit'] : [];
  return isFolder(out) ? [...faults, `--out ${out} is a folder: it names a file`] : faults;
}

function unknownZone(zone: string): string {
  const wanted = zone.split('/').at(-1)?.toLowerCase().replaceAll(' ', '_') ?? '';
  const like = Intl.supportedValuesOf('timeZone').filter(
    (name) => wanted.length > 2 && name.toLowerCase().includes(wanted),
  );
  const choices = like.length > 0 ? like.slice(0, SUGGESTED) : ['Asia/Jakarta', 'UTC', '+07:00'];
  return `${zone} is no time zone: there are ${choices.join(', ')}${like.length > 0 ? '' : ' and others'}`;
}
