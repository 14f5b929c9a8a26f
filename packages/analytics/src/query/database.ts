import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { temporaryFolder } from '../export/output/partial.ts';

/** What DuckDB takes for itself; the process and what it reads come on top. What needs more is put on disk. */
const MEMORY_LIMIT = '256MB';
const THREADS = '2';
const INTERRUPT_EVERY_MS = 100;

export interface Database {
  readonly connection: DuckDBConnection;
  /** On disk, gone with the database. */
  readonly folder: string;
}

/**
 * Lends a database in memory, with a folder of its own for what does not fit, and removes both when the work is done
 * or has failed.
 * @param signal ends the query that runs: then this rejects with its reason
 */
export async function withDatabase<T>(
  work: (database: Database) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const database = await openDatabase(signal);
  try {
    return await work(database);
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    await database.close();
  }
}

/** The same for who must close it at another time. */
export async function openDatabase(signal?: AbortSignal): Promise<Database & { close(): Promise<void> }> {
  signal?.throwIfAborted();
  const { path: folder, remove } = await temporaryFolder('query');
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: MEMORY_LIMIT,
      threads: THREADS,
      temp_directory: join(folder, 'spilled'),
      // Nobody asks for the order of the files, and to keep it costs memory.
      preserve_insertion_order: 'false',
    });
    const connection = await instance.connect();
    // A time without a zone in a file is UTC, wherever this runs.
    await connection.run("SET TimeZone = 'UTC'");
    // Again and again: it is lost on a query that has not quite begun.
    let again: NodeJS.Timeout | undefined;
    const interrupt = () => {
      connection.interrupt();
      again = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
    };
    signal?.addEventListener('abort', interrupt, { once: true });
    return {
      connection,
      folder,
      async close() {
        signal?.removeEventListener('abort', interrupt);
        clearInterval(again);
        connection.closeSync();
        instance.closeSync();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
