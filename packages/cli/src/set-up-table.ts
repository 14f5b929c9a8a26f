import type { Colours } from './colours.ts';
import type { SetUpEntry, SetUpReport } from './set-up.ts';

/** The report for people: a line for each topic and subject, and one below it for each difference. */
export function table(report: SetUpReport, colours: Colours): readonly string[] {
  const width = Math.max(...report.entries.map(({ name }) => name.length));
  return report.entries.flatMap((entry) => {
    const line = `${entry.what.padEnd('subject'.length)}  ${entry.name.padEnd(width)}  ${result(entry, colours)}`;
    const { outcome } = entry;
    return outcome.kind === 'differs'
      ? [line, ...outcome.differences.map((difference) => `           ${difference}`)]
      : [line];
  });
}

function result({ outcome: { kind } }: SetUpEntry, colours: Colours): string {
  if (kind === 'created') return colours.green(kind);
  return kind === 'differs' ? colours.red(kind) : kind;
}
