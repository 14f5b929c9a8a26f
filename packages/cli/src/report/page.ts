import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ExportError, type Figures, figuresOf, filePlace, renderReport } from '@whatsapp-stream/analytics';
import { CommandError, errorText } from '../command.ts';
import { showDuration } from '../durations.ts';
import type { ReportEvents } from './parquet.ts';
import type { ReportRequest } from './request.ts';

const CANNOT_CREATE = 73;
const IO_ERROR = 74;
/** How many messages without a closing status the page lists. */
const LISTED = 200;

/**
 * Looks before the long work whether its result can be kept.
 * @throws CommandError (73)
 */
export async function requireWritable(out: string): Promise<void> {
  await placeOf(out);
  await access(dirname(out), constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw new CommandError(`${out} cannot be written: ${errorText(error)}`, CANNOT_CREATE);
  });
}

/** @throws CommandError (73) when something is there that is no file */
async function placeOf(out: string): Promise<string> {
  return filePlace(out).catch((error: unknown) => {
    throw error instanceof ExportError ? new CommandError(error.message, CANNOT_CREATE) : error;
  });
}

/** Makes the page, under its final name only once it is whole. @returns what it tells, in lines for people */
export async function writePage(
  events: ReportEvents,
  { afterMinutes, timeZone }: ReportRequest,
  out: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const figures = await figuresFrom(events, afterMinutes, signal);
  const page = renderReport(figures, { madeAtMs: Date.now(), timeZone, readFrom: events.readFrom });
  await writeWhole(out, page);
  return summaryLines(figures, out);
}

function figuresFrom(
  { files, range, asOfMs }: ReportEvents,
  afterMinutes: number,
  signal: AbortSignal,
): Promise<Figures> | Figures {
  if (files.length > 0) return figuresOf(files, { ...range, afterMinutes, asOfMs, limit: LISTED, signal });
  const total = { requested: 0, accepted: 0, sent: 0, delivered: 0, read: 0, failed: 0, open: 0 };
  return {
    fromMs: range.fromMs ?? asOfMs,
    toMs: range.toMs ?? asOfMs,
    events: 0,
    duplicates: 0,
    messages: 0,
    charged: 0,
    total,
    funnels: [],
    failures: [],
    latencies: [],
    volume: [],
    unclosed: { afterMinutes, count: 0, oldest: [] },
  };
}

async function writeWhole(out: string, text: string): Promise<void> {
  const place = await placeOf(out);
  const temporary = join(dirname(place), `.${basename(place)}.${randomUUID()}`);
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    const full =
      error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code));
    throw new CommandError(`${out} cannot be written: ${errorText(error)}`, full ? IO_ERROR : CANNOT_CREATE);
  }
}

/** The figures that one asks for first. */
export function summaryLines({ events, total, charged, unclosed }: Figures, out: string): readonly string[] {
  const { requested, delivered, read, failed } = total;
  const after = showDuration(unclosed.afterMinutes * 60_000);
  return [
    `${count(requested)} messages in ${count(events)} events: ${count(delivered)} delivered, ${count(read)} of these read, ${count(failed)} failed; ${count(charged)} charged`,
    unclosed.count === 0
      ? `none that is not closed was silent for ${after}`
      : `${count(unclosed.count)} not closed, and nothing heard of for ${after} or longer: listed on the page, and by --audit`,
    `the page: ${out}`,
  ];
}

function count(number: number): string {
  return number.toLocaleString('en');
}
