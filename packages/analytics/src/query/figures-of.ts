import type { DuckDBConnection } from '@duckdb/node-api';
import { STATUS_SYMBOLS } from '@whatsapp-stream/schemas';
import type { Figures, Funnel, FunnelRow } from '../figures.ts';
import { withDatabase } from './database.ts';
import type { EventFiles } from './files.ts';
import { latencyRows } from './latencies.ts';
import { numberOf, oneOf, type Row, textOf } from './rows.ts';
import { countUnclosed, type UnclosedOptions } from './unclosed.ts';
import { createViews } from './views.ts';

/** A range (by when Kafka took the events; all of them unless told), and which open messages are overdue. */
export interface FiguresOptions extends UnclosedOptions {
  /** How many of the overdue messages are named; 100 unless told. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;
const DIMENSIONS = ['lane', 'template_name', 'source'] as const;

/**
 * What a report tells of the events in Parquet files (`EVENT_COLUMNS`). Of a message that the range cuts in two only
 * what is within is known.
 *
 * What does not fit into some 256 MB is put on disk, below the system's folder for temporary files.
 *
 * @throws NoEventsError when a path has no Parquet file; no rows in it are no error, and give zeros
 * @throws MissingColumnsError when a file holds something else
 */
export function figuresOf(files: EventFiles, options: FiguresOptions): Promise<Figures> {
  return withDatabase(async (database) => {
    const { connection } = database;
    await createViews(database, files, options, 'journeys');
    const counts = await onlyRow(connection, 'SELECT * FROM counts');
    const funnels = await rowsOf(connection, 'SELECT * FROM funnel ORDER BY requested DESC, value');
    const total = funnels.find((row) => row['dimension'] === null) ?? {};
    const unclosed = await countUnclosed(connection, options, options.limit ?? DEFAULT_LIMIT);
    const events = numberOf(counts, 'events');
    return {
      ...rangeOf(counts, options),
      events,
      duplicates: events - numberOf(counts, 'facts'),
      messages: numberOf(total, 'requested'),
      charged: numberOf(total, 'charged'),
      total: funnelOf(total),
      funnels: funnels.filter((row) => row['dimension'] !== null).map(funnelRow),
      failures: (await rowsOf(connection, FAILURES)).map(failureRow),
      latencies: latencyRows(
        await rowsOf(connection, 'SELECT * FROM latencies'),
        await rowsOf(connection, 'SELECT * FROM latency_bins'),
      ),
      volume: (await rowsOf(connection, 'SELECT * FROM volume ORDER BY hour_ms, lane')).map(volumeRow),
      unclosed: { afterMinutes: options.afterMinutes, ...unclosed },
    };
  }, options.signal);
}

const FAILURES = 'SELECT * FROM failures ORDER BY messages DESC, status, lane, reason';

async function rowsOf(connection: DuckDBConnection, query: string): Promise<readonly Row[]> {
  const reader = await connection.runAndReadAll(query);
  return reader.getRowObjectsJS();
}

async function onlyRow(connection: DuckDBConnection, query: string): Promise<Row> {
  return (await rowsOf(connection, query))[0] ?? {};
}

/** What was asked for; where nothing was, what the events span, and without events the moment of the report. */
function rangeOf(counts: Row, { fromMs, toMs, asOfMs }: FiguresOptions): { fromMs: number; toMs: number } {
  const isEmpty = counts['first_recorded_at_ms'] === null;
  return {
    fromMs: fromMs ?? (isEmpty ? asOfMs : numberOf(counts, 'first_recorded_at_ms')),
    toMs: toMs ?? (isEmpty ? asOfMs : numberOf(counts, 'last_recorded_at_ms') + 1),
  };
}

function funnelOf(row: Row): Funnel {
  return {
    requested: numberOf(row, 'requested'),
    accepted: numberOf(row, 'accepted'),
    sent: numberOf(row, 'sent'),
    delivered: numberOf(row, 'delivered'),
    read: numberOf(row, 'read'),
    failed: numberOf(row, 'failed'),
    open: numberOf(row, 'open'),
  };
}

function funnelRow(row: Row): FunnelRow {
  return { dimension: oneOf(DIMENSIONS, row, 'dimension'), value: textOf(row, 'value'), ...funnelOf(row) };
}

function failureRow(row: Row): Figures['failures'][number] {
  return {
    status: oneOf(STATUS_SYMBOLS, row, 'status'),
    lane: textOf(row, 'lane'),
    reason: textOf(row, 'reason'),
    messages: numberOf(row, 'messages'),
  };
}

function volumeRow(row: Row): Figures['volume'][number] {
  return {
    hourMs: numberOf(row, 'hour_ms'),
    lane: textOf(row, 'lane'),
    messages: numberOf(row, 'messages'),
    charged: numberOf(row, 'charged'),
  };
}
