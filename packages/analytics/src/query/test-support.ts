import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { StatusEvent } from '@whatsapp-stream/schemas';
import { EVENT_COLUMNS } from '../layout.ts';
import { textLiteral } from '../sql-text.ts';
import { withDatabase } from './database.ts';

/** An event, and when Kafka took it: when it occurred unless told. */
export type Fixture = StatusEvent & { readonly recorded_at?: number };

/** @returns a folder that is removed after the test */
export async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whatsapp-stream-analytics-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes events as Parquet of `EVENT_COLUMNS`, in folders by day, into a folder that need not be there. */
export async function writeEvents(folder: string, events: readonly Fixture[]): Promise<void> {
  const lines = events.map((event, i) =>
    JSON.stringify({ recorded_at: event.occurred_at, ...event, kafka_partition: 0, kafka_offset: i }),
  );
  const json = `${folder}.ndjson`;
  await writeFile(json, lines.join('\n'));
  const staged = Object.entries(EVENT_COLUMNS).map(
    ([name, type]) => `${name}: '${type === 'TIMESTAMPTZ' ? 'BIGINT' : type}'`,
  );
  const columns = Object.entries(EVENT_COLUMNS).map(([name, type]) =>
    type === 'TIMESTAMPTZ' ? `make_timestamptz(${name} * 1000) AS ${name}` : name,
  );
  await withDatabase(async ({ connection }) => {
    await connection.run(
      `COPY (
        SELECT ${columns.join(', ')}, strftime(make_timestamptz(recorded_at * 1000), '%Y-%m-%d') AS day
        FROM read_json(${textLiteral(json)}, format = 'newline_delimited', columns = {${staged.join(', ')}})
      ) TO ${textLiteral(folder)} (FORMAT parquet, PARTITION_BY (day))`,
    );
  });
}
