import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { ColumnType } from '../../layout.ts';

/** What a field can hold before it is written in a format. */
export type Field = string | number | boolean | null | readonly string[] | Readonly<Record<string, string>>;

/** One column of an export, in all formats. */
export interface Column<E> {
  readonly name: string;
  readonly type: ColumnType;
  /** Times are in ms since the epoch. */
  readonly of: (event: E, record: KafkaRecord) => Field;
}
