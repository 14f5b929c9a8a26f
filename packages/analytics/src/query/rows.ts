/** A row of an answer, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** @returns a column that holds a number; of large ones only those that lose no digit */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || (typeof value === 'bigint' && !Number.isSafeInteger(number))) {
    throw unexpected(row, column);
  }
  return number;
}

/** @returns a column that holds a text or null */
export function textOf(row: Row, column: string): string | null {
  const value = row[column];
  if (value !== null && typeof value !== 'string') throw unexpected(row, column);
  return value;
}

/** @returns a column that holds one of `choices` */
export function oneOf<T extends string>(choices: readonly T[], row: Row, column: string): T {
  const choice = choices.find((one) => one === row[column]);
  if (choice === undefined) throw unexpected(row, column);
  return choice;
}

function unexpected(row: Row, column: string): TypeError {
  return new TypeError(`the column ${column} holds what it should not: a ${typeof row[column]}`);
}
