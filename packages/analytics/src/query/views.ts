import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { EVENT_COLUMNS } from '../layout.ts';
import { textLiteral } from '../sql-text.ts';
import type { Database } from './database.ts';
import { type EventFiles, parquetFiles } from './files.ts';
import { portionsOf } from './portions.ts';
import { numberOf } from './rows.ts';

/** The files of `sql/` that are views, each after those that it reads. */
export const VIEWS = [
  'statuses',
  'records',
  'events',
  'folded',
  'states',
  'journeys',
  'counts',
  'funnel',
  'failures',
  'steps',
  'latencies',
  'latency_bins',
  'volume',
  'unclosed',
] as const;

/** They are gathered in memory by each thread; DuckDB's own 122,880 of these wide rows take hundreds of MB. */
const KEPT_ROW_GROUP_ROWS = 20_480;

/** Of what Kafka took when; without a bound, all. */
export interface TimeRange {
  readonly fromMs?: number;
  /** The first moment that does not count. */
  readonly toMs?: number;
}

/** What is read of the files. */
export interface ReadOptions extends TimeRange {
  /** Ends the work: it rejects. */
  readonly signal?: AbortSignal | undefined;
}

/** Parquet files that lack columns of `EVENT_COLUMNS`. */
export class MissingColumnsError extends Error {
  override readonly name = 'MissingColumnsError';
  readonly file: string;
  readonly columns: readonly string[];

  constructor(file: string, columns: readonly string[]) {
    super(`${file} does not hold status events: it has no column ${columns.join(', ')}`);
    this.file = file;
    this.columns = columns;
  }
}

/** A file that cannot be read as Parquet: it is something else, or cut off, or not to be read by this user. */
export class NotParquetError extends Error {
  override readonly name = 'NotParquetError';
}

/**
 * Makes the views over the events of the files. The rows of one of them are kept, in files of the database's folder,
 * because others read it, or because it takes the most: in a table DuckDB would hold them in memory, or read them from
 * disk more slowly.
 *
 * @throws NoEventsError, MissingColumnsError, NotParquetError
 */
export async function createViews(
  { connection, folder }: Database,
  files: EventFiles,
  range: ReadOptions,
  kept: 'states' | 'journeys',
): Promise<void> {
  const list = await eventFiles(connection, files);
  await connection.run(await sqlOf('duckdb'));
  const create = (kind: string, name: string, query: string) =>
    connection.run(`CREATE OR REPLACE TEMPORARY ${kind} ${name} AS ${query}`);
  await create('VIEW', 'status_events', eventsQuery(list, range));
  for (const name of VIEWS.slice(0, VIEWS.indexOf(kept))) await create('VIEW', name, await sqlOf(name));
  const query = await sqlOf(kept);
  const all = await sqlOf('records');
  const portions = await portionsOf(connection, folder, await rowsOf(connection, list), all);
  const keptIn = join(folder, kept);
  await mkdir(keptIn);
  for (const [i, portion] of portions.entries()) {
    range.signal?.throwIfAborted();
    await create('VIEW', 'records', portion);
    const file = textLiteral(join(keptIn, `${i}.parquet`));
    await connection.run(
      `COPY (${query}) TO ${file} (FORMAT parquet, ROW_GROUP_SIZE ${KEPT_ROW_GROUP_ROWS})`,
    );
  }
  await create('VIEW', kept, `SELECT * FROM read_parquet(${textLiteral(join(keptIn, '*.parquet'))})`);
  await create('VIEW', 'records', all);
  for (const name of VIEWS.slice(VIEWS.indexOf(kept) + 1)) await create('VIEW', name, await sqlOf(name));
}

/** How many rows the files have, whether they are in the range or not. */
async function rowsOf(connection: DuckDBConnection, list: string): Promise<number> {
  const reader = await connection.runAndReadAll(
    `SELECT coalesce(sum(num_rows), 0)::BIGINT AS total FROM parquet_file_metadata(${list})`,
  );
  return reader.getRowObjectsJS().reduce((sum, row) => sum + numberOf(row, 'total'), 0);
}

function sqlOf(name: string): Promise<string> {
  return readFile(new URL(`../../sql/${name}.sql`, import.meta.url), 'utf8');
}

/** Other columns are passed over, also that of the folders' names (`day=…`). */
function eventsQuery(list: string, { fromMs, toMs }: TimeRange): string {
  const columns = Object.entries(EVENT_COLUMNS).map(([name, type]) => `CAST(${name} AS ${type}) AS ${name}`);
  const bounds = [
    ...(fromMs === undefined ? [] : [`recorded_at >= ${momentOf(fromMs)}`]),
    ...(toMs === undefined ? [] : [`recorded_at < ${momentOf(toMs)}`]),
  ];
  const where = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
  return `SELECT ${columns.join(', ')}
    FROM read_parquet(${list}, union_by_name = true, hive_partitioning = false)${where}`;
}

/** @returns a moment as SQL, of ms since the epoch */
function momentOf(ms: number): string {
  return `make_timestamptz(${Math.round(ms) * 1000})`;
}

/**
 * @returns the files as a list in SQL; each has the columns of events
 * @throws NoEventsError, MissingColumnsError, NotParquetError
 */
export async function eventFiles(connection: DuckDBConnection, files: EventFiles): Promise<string> {
  const list = listOf(await parquetFiles(files));
  await checkColumns(connection, list);
  return list;
}

async function checkColumns(connection: DuckDBConnection, list: string): Promise<void> {
  const wanted = Object.keys(EVENT_COLUMNS);
  const query = `SELECT file_name, list(name) AS columns FROM parquet_schema(${list}) GROUP BY file_name ORDER BY file_name`;
  const reader = await connection.runAndReadAll(query).catch((error: unknown) => {
    const [why] = error instanceof Error ? error.message.split('\n') : [];
    throw new NotParquetError(`this is not to be read as Parquet: ${why ?? 'no reason is known'}`, {
      cause: error,
    });
  });
  for (const { file_name: file, columns } of reader.getRowObjectsJS()) {
    const has = Array.isArray(columns) ? columns : [];
    const missing = wanted.filter((column) => !has.includes(column));
    if (missing.length > 0) throw new MissingColumnsError(String(file), missing);
  }
}

/** @returns the files as a list in SQL; DuckDB would take some characters of their names for patterns */
function listOf(files: readonly string[]): string {
  return `[${files.map((file) => textLiteral(file.replace(/[[*?]/g, '[$&]'))).join(', ')}]`;
}
