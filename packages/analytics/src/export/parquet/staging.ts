import {
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import type { KafkaRecord } from '@whatsapp-stream/kafka';
import { type ColumnType, DAY_MS } from '../../layout.ts';
import type { Column, Field } from '../rows/column.ts';

/** How the values of a type come into DuckDB, and what makes of them what they are in a file. */
interface Passage {
  readonly staged: DuckDBType;
  readonly write: (field: Field) => string | number | boolean | null;
  /** @returns SQL over the staged column of this name */
  readonly read: (name: string) => string;
}

/** ECMAScript's range of dates, in ms around the epoch. A time beyond it is nonsense, and null. */
const LAST_DATE_MS = 8.64e15;
/** What DuckDB's engine works on at a time. */
const CHUNK_ROWS = 2_048;

const asIs = (field: Field) => (typeof field === 'object' ? null : field);
const asTime = (field: Field) =>
  typeof field === 'number' && Math.abs(field) <= LAST_DATE_MS ? field : null;
/** What is empty is most of it, and needs no text. */
const asJson = (field: Field) => {
  if (field === null || typeof field !== 'object') return null;
  for (const _ in field) return JSON.stringify(field);
  return '';
};

/**
 * Lists and maps come as JSON, and large whole numbers as the doubles that they are in JavaScript: DuckDB's own vectors
 * take BigInts and objects for these, at several times the cost. All are exact up to 2^53.
 */
const PASSAGES: Readonly<Record<ColumnType, Passage>> = {
  VARCHAR: { staged: VARCHAR, write: asIs, read: (name) => name },
  INTEGER: { staged: INTEGER, write: asIs, read: (name) => name },
  BOOLEAN: { staged: BOOLEAN, write: asIs, read: (name) => name },
  BIGINT: { staged: DOUBLE, write: asIs, read: (name) => `${name}::BIGINT` },
  TIMESTAMPTZ: { staged: DOUBLE, write: asTime, read: (name) => `make_timestamptz(${name}::BIGINT * 1000)` },
  'MAP(VARCHAR, VARCHAR)': {
    staged: VARCHAR,
    write: asJson,
    read: (name) => `CASE ${name} WHEN '' THEN MAP {} ELSE ${name}::JSON::MAP(VARCHAR, VARCHAR) END`,
  },
  'VARCHAR[]': {
    staged: VARCHAR,
    write: asJson,
    read: (name) => `CASE ${name} WHEN '' THEN [] ELSE ${name}::JSON::VARCHAR[] END`,
  },
};

/** Rows in DuckDB's memory, on their way to a file. */
export interface Staging<E> {
  /** How many there are. */
  rows(): number;
  add(event: E, record: KafkaRecord): void;
  /** The UTC days of `recorded_at` among them, as `2026-11-01`; and all that was added can be read now. */
  days(): readonly string[];
  /** SQL that gives the rows of such a day, as they are to be in a file. */
  select(day: string): string;
  /** Forgets all rows. */
  clear(): Promise<void>;
}

const TABLE = 'staged';
const DAY = 'staged_day';

/** @param columns have a time `recorded_at` */
export async function createStaging<E>(
  connection: DuckDBConnection,
  columns: readonly Column<E>[],
): Promise<Staging<E>> {
  const passages = columns.map(({ name, type, of }) => ({ name, of, ...PASSAGES[type] }));
  const types = [...passages.map(({ staged }) => staged), INTEGER];
  const chunk = DuckDBDataChunk.create(types);
  const held: { event: E; record: KafkaRecord }[] = [];
  const days = new Set<number>();
  let rows = 0;
  let appender = await emptyTable();

  async function emptyTable(): Promise<DuckDBAppender> {
    const names = [...passages.map(({ name, staged }) => `${name} ${staged}`), `${DAY} INTEGER`];
    await connection.run(`CREATE OR REPLACE TABLE ${TABLE} (${names.join(', ')})`);
    return connection.createAppender(TABLE);
  }

  function append(): void {
    if (held.length === 0) return;
    chunk.reset();
    chunk.rowCount = held.length;
    for (const [i, { of, write }] of passages.entries()) {
      chunk.setColumnValues(
        i,
        held.map(({ event, record }) => write(of(event, record))),
      );
    }
    const daysOf = held.map(({ record }) => Math.floor(record.timestamp / DAY_MS));
    for (const day of daysOf) days.add(day);
    chunk.setColumnValues(passages.length, daysOf);
    appender.appendDataChunk(chunk);
    held.length = 0;
  }

  return {
    rows: () => rows,
    add(event, record) {
      rows += 1;
      if (held.push({ event, record }) === CHUNK_ROWS) append();
    },
    days() {
      append();
      appender.flushSync();
      return [...days].sort((a, b) => a - b).map(dayOf);
    },
    select(day) {
      const fields = passages.map(({ name, read }) => `${read(name)} AS ${name}`).join(', ');
      return `SELECT ${fields} FROM ${TABLE} WHERE ${DAY} = ${Math.floor(Date.parse(day) / DAY_MS)}`;
    },
    async clear() {
      appender.closeSync();
      rows = 0;
      days.clear();
      appender = await emptyTable();
    },
  };
}

function dayOf(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 'yyyy-mm-dd'.length);
}
