import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { EXPORT_FORMATS, type ExportFormat, type ExportTopic } from '@whatsapp-stream/analytics/export';
import type { Where } from '@whatsapp-stream/client';
import { laneOf, STATUS_SYMBOLS, type Status } from '@whatsapp-stream/schemas';
import { unknownLanes } from '../lanes-options.ts';
import { isFolder } from '../paths.ts';
import { type TimeRange, timeRange } from '../time-range.ts';
import type { ReplayCommandOptions } from './options.ts';

/** What was asked for. */
export interface ReplayRequest {
  readonly range: TimeRange;
  readonly topic: ExportTopic;
  readonly where: Where;
  readonly format: ExportFormat;
  /** Null: stdout. */
  readonly out: string | null;
  readonly states: boolean;
  readonly overwrite: boolean;
  readonly personalData: boolean;
  readonly listSkipped: boolean;
  /** What one may not expect of the result, in sentences. */
  readonly notes: readonly string[];
}

const FORMATS_BY_ENDING: Readonly<Record<string, ExportFormat>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'ndjson',
  '.csv': 'csv',
  '.parquet': 'parquet',
};

/**
 * @param topics the lanes' topics
 * @returns every fault of the options together, as sentences, or what they ask for
 */
export function replayRequest(
  options: ReplayCommandOptions,
  topics: readonly string[],
  nowMs: number,
): { readonly faults: readonly string[] } | ReplayRequest {
  const time = timeRange(options.from, options.to, nowMs);
  const format = formatOf(options);
  const faults = [
    ...(time.ok ? [] : [time.fault]),
    ...valueFaults(options, topics),
    ...combinationFaults(options),
    ...(format.ok ? outFaults(options, format.format) : [format.fault]),
  ];
  if (!time.ok || !format.ok || faults.length > 0) return { faults };
  return {
    range: time.range,
    topic: options.topic === 'send' ? 'send' : 'status',
    where: whereOf(options),
    format: format.format,
    out: options.out ?? null,
    states: options.states === true,
    overwrite: options.overwrite === true,
    personalData: options.personalData === true,
    listSkipped: options.skipped === true,
    notes: [...time.notes, ...callbackNotes(options)],
  };
}

function callbackNotes(options: ReplayCommandOptions): readonly string[] {
  if (options.topic === 'send' || options.states) return [];
  const named = (['lane', 'source', 'template'] as const).filter((name) => options[name] !== undefined);
  if (named.length === 0) return [];
  const names = named.map((name) => `--${name}`).join(' and ');
  return [
    `callbacks know their message alone: ${names} ${named.length === 1 ? 'leaves' : 'leave'} out SENT, DELIVERED, READ and the failures that they tell; --states has them`,
  ];
}

function whereOf({ status, lane, source, template, messageId }: ReplayCommandOptions): Where {
  return {
    ...(status && { status: status.filter(isStatus) }),
    ...(lane && { lane }),
    ...(source && { source }),
    ...(template && { template }),
    ...(messageId && { messageId }),
  };
}

function isStatus(text: string): text is Status {
  return STATUS_SYMBOLS.some((status) => status === text);
}

function valueFaults(options: ReplayCommandOptions, topics: readonly string[]) {
  const { status = [], lane = [] } = options;
  const lanes = topics.map(laneOf);
  const lists = ['status', 'lane', 'source', 'template', 'messageId'] as const;
  const empty = lists.filter((name) => options[name]?.length === 0);
  return [
    ...status
      .filter((text) => !isStatus(text))
      .map((text) => `${text} is no status: there are ${STATUS_SYMBOLS.join(', ')}`),
    ...unknownLanes(lane, topics).map((text) => `${text} is no lane: there are ${lanes.join(', ')}`),
    ...empty.map((name) => `--${name === 'messageId' ? 'message-id' : name} names nothing`),
    ...(options.out === '' ? ['--out names nothing'] : []),
  ];
}

function combinationFaults(options: ReplayCommandOptions): readonly string[] {
  if (options.topic === 'send') {
    return (['status', 'states'] as const)
      .filter((name) => options[name] !== undefined)
      .map((name) => `--${name} speaks of status events: it does not go with --topic send`);
  }
  return options.personalData ? ['--personal-data goes with --topic send: no status event holds any'] : [];
}

function formatOf({
  format,
  out,
}: ReplayCommandOptions):
  | { readonly ok: true; readonly format: ExportFormat }
  | { readonly ok: false; readonly fault: string } {
  const named = EXPORT_FORMATS.find((one) => one === format);
  if (named !== undefined) return { ok: true, format: named };
  if (!out) return { ok: true, format: 'ndjson' };
  const byEnding = FORMATS_BY_ENDING[extname(out).toLowerCase()] ?? (isFolder(out) ? 'parquet' : undefined);
  if (byEnding !== undefined) return { ok: true, format: byEnding };
  return {
    ok: false,
    fault: `what is ${out} to be? Say --format ${EXPORT_FORMATS.join(', ')}, or end it with .ndjson, .csv, .parquet or /`,
  };
}

function outFaults(
  { out, states, overwrite }: ReplayCommandOptions,
  format: ExportFormat,
): readonly string[] {
  const faults: string[] = [];
  if (overwrite && (format !== 'parquet' || states))
    faults.push('--overwrite speaks of days in Parquet: files are replaced anyway');
  if (format !== 'parquet' && out !== undefined && isFolder(out))
    faults.push(`--out ${out} is a folder: ${format} is written to a file`);
  if (format !== 'parquet') return faults;
  if (out === undefined) faults.push('Parquet cannot be written to stdout: --out names a folder for it');
  else if (states && isFolder(out)) faults.push(`--out ${out} is a folder: states are written to a file`);
  else if (!states && isFile(out))
    faults.push(`--out ${out} is a file: Parquet is written to a folder, by days`);
  return faults;
}

function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory();
}
