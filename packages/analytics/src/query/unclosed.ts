import type { DuckDBConnection } from '@duckdb/node-api';
import { STATUS_SYMBOLS } from '@whatsapp-stream/schemas';
import type { OpenMessage } from '../figures.ts';
import { openDatabase } from './database.ts';
import type { EventFiles } from './files.ts';
import { numberOf, oneOf, type Row, textOf } from './rows.ts';
import { createViews, type ReadOptions } from './views.ts';

export interface UnclosedOptions extends ReadOptions {
  /** How long nothing has been told of a message before it counts. */
  readonly afterMinutes: number;
  /** The moment from which that is counted back, in ms since the epoch. */
  readonly asOfMs: number;
}

/**
 * Messages that have no closing status although their last event is `afterMinutes` old or older, the first begun first.
 * They are read as they are taken: many cost no memory.
 *
 * @throws NoEventsError, MissingColumnsError, NotParquetError; DuckDB's error when the signal ends it
 */
export async function* unclosedOf(files: EventFiles, options: UnclosedOptions): AsyncGenerator<OpenMessage> {
  const database = await openDatabase(options.signal);
  try {
    await createViews(database, files, options, 'journeys');
    const result = await database.connection.stream(
      `SELECT * FROM unclosed ${overdue(options)} ${OLDEST_FIRST}`,
    );
    for await (const rows of result.yieldRowObjectJs()) {
      for (const row of rows) yield openMessage(row);
    }
  } finally {
    await database.close();
  }
}

/** How many there are, and the first `limit` of them. The view must be there. */
export async function countUnclosed(
  connection: DuckDBConnection,
  options: UnclosedOptions,
  limit: number,
): Promise<{ readonly count: number; readonly oldest: readonly OpenMessage[] }> {
  const where = overdue(options);
  const counted = await connection.runAndReadAll(`SELECT count(*) AS messages FROM unclosed ${where}`);
  const oldest = await connection.runAndReadAll(
    `SELECT * FROM unclosed ${where} ${OLDEST_FIRST} LIMIT ${Math.trunc(limit)}`,
  );
  return {
    count: counted.getRowObjectsJS().reduce((sum, row) => sum + numberOf(row, 'messages'), 0),
    oldest: oldest.getRowObjectsJS().map(openMessage),
  };
}

/** The ids only so that those of one moment come in the same order each time. */
const OLDEST_FIRST = 'ORDER BY first_event_at_ms, message_id, session_id';

function overdue({ afterMinutes, asOfMs }: UnclosedOptions): string {
  return `WHERE last_event_at_ms <= ${Math.floor(asOfMs - afterMinutes * 60_000)}`;
}

function openMessage(row: Row): OpenMessage {
  return {
    messageId: textOf(row, 'message_id'),
    sessionId: textOf(row, 'session_id'),
    lane: textOf(row, 'lane'),
    source: textOf(row, 'source'),
    templateName: textOf(row, 'template_name'),
    status: oneOf(STATUS_SYMBOLS, row, 'status'),
    firstEventAtMs: numberOf(row, 'first_event_at_ms'),
    lastEventAtMs: numberOf(row, 'last_event_at_ms'),
  };
}
