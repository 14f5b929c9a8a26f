import type { StatusEvent } from '@whatsapp-stream/schemas';

/** What a column holds, in DuckDB's words; in Parquet a `TIMESTAMPTZ` is microseconds of UTC. */
export type ColumnType =
  | 'VARCHAR'
  | 'INTEGER'
  | 'BIGINT'
  | 'BOOLEAN'
  | 'TIMESTAMPTZ'
  | 'MAP(VARCHAR, VARCHAR)'
  | 'VARCHAR[]';

/** Where a record lies, beside what it says: the same record always has the same coordinates. */
interface Coordinates {
  /** When Kafka took the record. */
  readonly recorded_at: number;
  readonly kafka_partition: number;
  readonly kafka_offset: number;
}

/**
 * The columns of a Parquet file of status events, in their order: the event's fields by their names on the wire, then
 * its coordinates. Files lie in one folder a day, `day=2026-11-01/`, by the UTC day of `recorded_at`: a day that is over
 * never gains a record, whenever the fact occurred that it tells.
 */
export const EVENT_COLUMNS: Readonly<Record<keyof StatusEvent | keyof Coordinates, ColumnType>> = {
  event_id: 'VARCHAR',
  message_id: 'VARCHAR',
  session_id: 'VARCHAR',
  status: 'VARCHAR',
  provider_code: 'INTEGER',
  origin: 'VARCHAR',
  attempt: 'INTEGER',
  attempt_id: 'VARCHAR',
  occurred_at: 'TIMESTAMPTZ',
  http_status: 'INTEGER',
  reason: 'VARCHAR',
  retry_at: 'TIMESTAMPTZ',
  charged: 'BOOLEAN',
  lane: 'VARCHAR',
  source: 'VARCHAR',
  template_name: 'VARCHAR',
  recipient: 'VARCHAR',
  verified: 'BOOLEAN',
  metadata: 'MAP(VARCHAR, VARCHAR)',
  recorded_at: 'TIMESTAMPTZ',
  kafka_partition: 'INTEGER',
  kafka_offset: 'BIGINT',
};

/** Of UTC: they all have the same length. */
export const DAY_MS = 86_400_000;
