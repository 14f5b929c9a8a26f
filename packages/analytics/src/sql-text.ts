/** @returns a text as a literal of SQL */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
