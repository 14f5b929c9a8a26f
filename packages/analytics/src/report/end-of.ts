import { withDatabase } from '../query/database.ts';
import type { EventFiles } from '../query/files.ts';
import { eventFiles } from '../query/views.ts';

/**
 * When Kafka took the last event of Parquet files, in ms since the epoch: up to then they know what happened. Read from
 * the files' statistics, whatever their size.
 * @returns null when they have no event
 * @throws NoEventsError when a path has no Parquet file, MissingColumnsError, NotParquetError
 */
export async function lastRecordedAt(files: EventFiles): Promise<number | null> {
  return withDatabase(async ({ connection }) => {
    const list = await eventFiles(connection, files);
    const reader = await connection.runAndReadAll(
      `SELECT epoch_ms(max(recorded_at))::DOUBLE AS last FROM read_parquet(${list}, union_by_name = true, hive_partitioning = false)`,
    );
    const last = reader.getRowObjectsJS()[0]?.['last'];
    return typeof last === 'number' ? last : null;
  });
}
