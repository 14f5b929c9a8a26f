import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { textLiteral } from '../sql-text.ts';

/** What can be folded at a time within the memory that DuckDB has here: it holds some 300 bytes of each. */
const PORTION_ROWS = 400_000;
/** Each is a file that is open while they are made. */
const MAX_PORTIONS = 96;
/** How many rows DuckDB gathers before it writes them to their files; its own default takes hundreds of MB. */
const ROWS_AT_A_TIME = 50_000;
/** Each of the open files gathers so many. */
const ROW_GROUP_ROWS = 4_096;

/**
 * The records in portions, each with all those of its messages: DuckDB's fold takes memory for every message, and what
 * it cannot put on disk would end it. Many records are written to the folder once, by the hash of their message.
 *
 * @param rows about how many records there are
 * @param all the query that gives all of them, as the view `records` does
 * @returns queries that each give the rows of one portion; one of all where they are few
 */
export async function portionsOf(
  connection: DuckDBConnection,
  folder: string,
  rows: number,
  all: string,
): Promise<readonly string[]> {
  const count = Math.min(MAX_PORTIONS, Math.ceil(rows / PORTION_ROWS));
  if (count <= 1) return [all];
  const out = join(folder, 'portions');
  await connection.run(`SET partitioned_write_flush_threshold = ${ROWS_AT_A_TIME}`);
  await connection.run(`SET partitioned_write_max_open_files = ${MAX_PORTIONS}`);
  await connection.run(
    `COPY (SELECT *, hash(message_key) % ${count} AS portion FROM records) TO ${textLiteral(out)}
      (FORMAT parquet, PARTITION_BY (portion), ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
  );
  // A portion without a row has no folder.
  const folders = await readdir(out);
  return folders.map((portion) => {
    const files = textLiteral(join(out, portion, '*.parquet'));
    return `SELECT * FROM read_parquet(${files}, hive_partitioning = false)`;
  });
}
