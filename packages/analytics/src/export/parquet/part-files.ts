import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { textLiteral } from '../../sql-text.ts';
import type { Column } from '../rows/column.ts';
import { createStaging } from './staging.ts';

/** Rows that become Parquet files of bounded size, in a folder for each day. */
export interface PartFiles<E> {
  add(event: E, record: KafkaRecord): void;
  /** Whether enough rows are there for a file: `flush` is due before more are added. */
  isFull(): boolean;
  /** @throws as DuckDB does when it cannot write */
  flush(): Promise<void>;
  /** What was not flushed is gone. */
  close(): void;
}

/** They are in memory until they are written, and a row group of them once more meanwhile. */
const FILE_ROWS = 61_440;
const ROW_GROUP_ROWS = 20_480;
const SETTINGS = {
  threads: '1',
  memory_limit: '160MB',
  // Else it gathers all rows once more before it writes any; with one thread they come in order anyway.
  preserve_insertion_order: 'false',
  // What it frees goes back to the system, not to a reserve of its own: a third of the memory of a thread.
  allocator_flush_threshold: '1MB',
  allocator_bulk_deallocation_flush_threshold: '1MB',
};

/**
 * @param folder gets `day=2026-11-01/NAME-00001.parquet` and so on
 * @param name tells the files apart from those of others in the folder
 */
export async function createPartFiles<E>(
  folder: string,
  name: string,
  columns: readonly Column<E>[],
): Promise<PartFiles<E>> {
  const instance = await DuckDBInstance.create(':memory:', {
    ...SETTINGS,
    temp_directory: join(folder, `.spill-${name}`),
  });
  const connection = await instance.connect();
  const staging = await createStaging(connection, columns);
  let count = 0;

  return {
    add: staging.add,
    isFull: () => staging.rows() >= FILE_ROWS,
    async flush() {
      for (const day of staging.days()) {
        const ofDay = join(folder, `day=${day}`);
        await mkdir(ofDay, { recursive: true });
        count += 1;
        const file = join(ofDay, `${name}-${String(count).padStart(5, '0')}.parquet`);
        await connection.run(
          `COPY (${staging.select(day)}) TO ${textLiteral(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
        );
      }
      await staging.clear();
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Writes a file of these columns and no rows, for who reads the folder and wants to find one. */
export async function writeEmptyFile<E>(folder: string, columns: readonly Column<E>[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const fields = columns.map(({ name, type }) => `NULL::${type} AS ${name}`).join(', ');
    const file = textLiteral(join(folder, 'empty.parquet'));
    await connection.run(`COPY (SELECT ${fields} WHERE false) TO ${file} (FORMAT parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
