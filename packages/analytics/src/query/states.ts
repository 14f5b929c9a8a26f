import type { DuckDBConnection } from '@duckdb/node-api';
import { STATUS_SYMBOLS } from '@whatsapp-stream/schemas';
import { textLiteral } from '../sql-text.ts';
import { withDatabase } from './database.ts';
import type { EventFiles } from './files.ts';
import { numberOf } from './rows.ts';
import { createViews, type ReadOptions } from './views.ts';

/** In groups of so few rows that those which the threads gather take little memory. */
const FORMATS = {
  parquet: '(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)',
  csv: '(FORMAT csv, HEADER true)',
  ndjson: '(FORMAT json, ARRAY false)',
} as const;

export type StatesFormat = keyof typeof FORMATS;

/** Which messages are wanted, by what is known of them in the end; what is not named may be anything. */
export interface StatesWhere {
  readonly status?: readonly string[];
  readonly lane?: readonly string[];
  readonly source?: readonly string[];
  readonly template?: readonly string[];
  readonly messageId?: readonly string[];
}

export interface StatesOptions extends ReadOptions {
  readonly format: StatesFormat;
  readonly where?: StatesWhere;
}

const COLUMN_OF: Readonly<Record<keyof StatesWhere, string>> = {
  status: 'status',
  lane: 'lane',
  source: 'source',
  template: 'template_name',
  messageId: 'message_id',
};

/** The columns of a state that are times: when each status was first told, and those of its telling. */
const TIMES: readonly string[] = [
  'occurred_at',
  'retry_at',
  'first_event_at',
  'last_event_at',
  ...STATUS_SYMBOLS.map((status) => `${status.toLowerCase()}_at`),
];

/**
 * Writes the state of each message, a row each in no order, to a file: the columns of `sql/states.sql`, equal to what
 * `foldEvents` makes of its events. Unsigned callbacks are joined to their message first. Times are timestamps in
 * Parquet, ISO 8601 in UTC in CSV, ms since the epoch in NDJSON; metadata is a map, in CSV as JSON.
 *
 * @param out a path, which is written to directly: who must not leave half a file behind names another one first
 * @returns the rows written
 * @throws NoEventsError, MissingColumnsError, NotParquetError; DuckDB's error when the file cannot be written
 */
export function writeStates(files: EventFiles, out: string, options: StatesOptions): Promise<number> {
  return withDatabase(async (database) => {
    // What it frees goes back to the system at once: a third less memory, for half as much of the processors' time again.
    await database.connection.run(`SET allocator_flush_threshold = '1MB'`);
    await database.connection.run(`SET allocator_bulk_deallocation_flush_threshold = '1MB'`);
    await createViews(database, files, options, 'states');
    return await copyStates(database.connection, out, options);
  }, options.signal);
}

async function copyStates(
  connection: DuckDBConnection,
  out: string,
  { format, where = {} }: StatesOptions,
): Promise<number> {
  const query = `SELECT * EXCLUDE (message_key) ${renderings(format)} FROM states WHERE ${conditionOf(where)}`;
  const reader = await connection.runAndReadAll(`COPY (${query}) TO ${textLiteral(out)} ${FORMATS[format]}`);
  return reader.getRowObjectsJS().reduce((sum, row) => sum + numberOf(row, 'Count'), 0);
}

function renderings(format: StatesFormat): string {
  switch (format) {
    case 'parquet':
      return '';
    case 'ndjson':
      return `REPLACE (${TIMES.map((time) => `epoch_ms(${time}) AS ${time}`).join(', ')})`;
    case 'csv': {
      const times = TIMES.map((time) => `strftime(${time}, '%Y-%m-%dT%H:%M:%S.%gZ') AS ${time}`);
      return `REPLACE (${times.join(', ')}, CAST(to_json(metadata) AS VARCHAR) AS metadata)`;
    }
  }
}

function conditionOf(where: StatesWhere): string {
  const names: readonly (keyof StatesWhere)[] = ['status', 'lane', 'source', 'template', 'messageId'];
  const conditions = names.flatMap((name) => {
    const choices = where[name];
    if (choices === undefined) return [];
    return choices.length === 0 ? 'false' : `${COLUMN_OF[name]} IN (${choices.map(textLiteral).join(', ')})`;
  });
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}
