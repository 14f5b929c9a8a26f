import type { Column, Field } from './column.ts';
import type { LineOf } from './ndjson.ts';

/** RFC 4180: what holds a separator, a quote or a line break is quoted. */
const SPECIAL = /[",\r\n]/;
const END = '\r\n';

/** The first line: the columns' names. */
export function csvHead<E>(columns: readonly Column<E>[]): string {
  return columns.map(({ name }) => name).join(',') + END;
}

/**
 * @returns a function that gives a line by RFC 4180. Times are written as ISO 8601 in UTC, lists and maps as JSON; what
 * is null is empty, and an empty text is `""`.
 */
export function csvLines<E>(columns: readonly Column<E>[]): LineOf<E> {
  const [first, ...others] = columns.map(({ type, of }) => ({ isTime: type === 'TIMESTAMPTZ', of }));
  if (first === undefined) return () => END;
  return (event, record) => {
    let line = textOf(first.of(event, record), first.isTime);
    for (const { isTime, of } of others) line += `,${textOf(of(event, record), isTime)}`;
    return line + END;
  };
}

function textOf(field: Field, isTime: boolean): string {
  if (field === null) return '';
  if (typeof field === 'string') return quoted(field);
  if (typeof field === 'number') return isTime ? isoTime(field) : String(field);
  return typeof field === 'boolean' ? String(field) : quoted(JSON.stringify(field));
}

function quoted(text: string): string {
  if (text === '') return '""';
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const MINUTE_MS = 60_000;
let minute = { start: 0, text: '1970-01-01T00:00:' };

/** As `Date.toISOString`; the part that times near each other share is made once. */
function isoTime(ms: number): string {
  const within = ms - minute.start;
  if (within < 0 || within >= MINUTE_MS) {
    const start = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
    // Beyond what a date can be, the number says more than an error would.
    if (Number.isNaN(new Date(start).getTime())) return String(ms);
    minute = { start, text: new Date(start).toISOString().slice(0, -'00.000Z'.length) };
  }
  const rest = ms - minute.start;
  return `${minute.text}${String(Math.floor(rest / 1_000)).padStart(2, '0')}.${String(rest % 1_000).padStart(3, '0')}Z`;
}
