import type { Figures } from './figures.ts';
import type { Verdict } from './verdict.ts';
import { VIOLATIONS, type Violation, type ViolationKind } from './violation.ts';

const SHOWN_OF_A_KIND = 20;

/** The verdict for people, a line each: the figures, then the violations. */
export function reportLines(verdict: Verdict): readonly string[] {
  const { figures, violations } = verdict;
  const rows = rowsOf(figures, violations);
  const width = Math.max(...rows.map(([label]) => label.length));
  const counts = Math.max(...rows.map(([, value]) => value.length));
  const table = rows.map(([label, value]) => `${label.padEnd(width)}  ${value.padStart(counts)}`);
  const end = violations.length === 0 ? 'clean' : `${violations.length} violations`;
  return [...table, '', ...byKind(violations).flatMap(kindLines), `verdict: ${end}`];
}

/** The same for programs. */
export function reportJson({ figures, violations }: Verdict): string {
  const counts = Object.fromEntries(byKind(violations).map(([kind, of]) => [kind, of.length]));
  return `${JSON.stringify({ clean: violations.length === 0, figures, counts, violations }, null, 2)}\n`;
}

function byKind(violations: readonly Violation[]) {
  return [...Map.groupBy(violations, ({ kind }) => kind)];
}

function kindLines([kind, of]: readonly [ViolationKind, readonly Violation[]]): readonly string[] {
  const lines = of.slice(0, SHOWN_OF_A_KIND).map(({ text }) => `${kind}  ${text}`);
  const more = of.length - lines.length;
  return [
    `${kind}: ${VIOLATIONS[kind]} (${of.length})`,
    ...lines,
    ...(more > 0 ? [`${kind}  and ${more} more`] : []),
    '',
  ];
}

function rowsOf(figures: Figures, violations: readonly Violation[]): readonly (readonly [string, string])[] {
  const count = (kind: ViolationKind) => violations.filter((one) => one.kind === kind).length;
  const settled = Object.entries(figures.settled).toSorted(([, a], [, b]) => b - a);
  const rows: readonly (readonly [string, number | null])[] = [
    ['records published', figures.published],
    ['distinct message ids', figures.distinctIds],
    ['repeats of an id', figures.repeats],
    ['records that are no request', figures.noRequests],
    ['dead letters', figures.deadLetters],
    ['put aside again', figures.deadLettersAgain],
    ...settled.map(([status, number]) => [`settled as ${status}`, number] as const),
    ['settled again, explained', figures.settledAgainExplained],
    ['lost', count('LOST')],
    ['calls at Verihubs', figures.calls],
    ['calls that name no attempt', figures.callsUnnamed],
    ['taken', figures.taken],
    ['resends out of doubt', figures.resends],
    ['taken again, explained', figures.takenAgainExplained],
    ['redrives', figures.redrives],
    ['taken again by a redrive', figures.takenByRedrive],
    ['doubled', count('DOUBLED')],
    ['fullest second', figures.fullestSecond],
    ['fullest second and guard', figures.fullestGuarded],
    ['429 by the own limit', figures.overLimit],
    ['429 injected', figures.injected429],
    ['attempts', figures.attempts],
    ['attempts without outcome', figures.attemptsWithoutOutcome],
    ['commits checked', figures.commits],
    ['commits that went back', figures.commitsBackward],
    ['replicas that were active', figures.replicas],
    ['hand-overs', figures.handOvers],
    ['longest hand-over (ms)', figures.longestHandOverMs],
    ['duplicate writes', figures.duplicateWrites],
    ['status records skipped', figures.skippedEvents],
  ];
  return rows.flatMap(([label, number]) => (number === null ? [] : [[label, String(number)] as const]));
}
