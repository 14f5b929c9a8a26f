/**
 * Puts a made table between its two marks.
 * @param name of the table, as in its marks
 * @throws when the marks are not there
 */
export function betweenMarks(text: string, name: string, table: string): string {
  const begin = `<!-- ${name}: made by \`npm run generate\` from the code -->`;
  const end = `<!-- end of ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the text lacks the marks ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}
