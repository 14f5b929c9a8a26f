/** A lane in charts and tables: the same colour wherever it is. */
export interface LaneSeries {
  readonly name: string;
  /** A colour of the style sheet. */
  readonly colour: string;
}

/** Lanes that get a colour of their own: more could not be told apart by everybody. */
const COLOURS = 4;
const FIRST: readonly string[] = ['otp', 'transactional', 'marketing'];
export const NOT_KNOWN = 'not known';
const OTHERS = 'other lanes';

/** Which series a lane belongs to, and all of them in their order. */
export interface LaneLegend {
  readonly series: readonly LaneSeries[];
  seriesOf(lane: string | null): string;
}

const LONGEST_IN_TIP = 32;

/** A name as short as a tip of a chart must be, where no line can be broken. */
export function shortened(name: string): string {
  const letters = [...name];
  return letters.length <= LONGEST_IN_TIP ? name : `${letters.slice(0, LONGEST_IN_TIP - 1).join('')}…`;
}

/** @param lanes as they occur; null for messages whose lane nobody told */
export function laneLegend(lanes: Iterable<string | null>): LaneLegend {
  const seen = new Set(lanes);
  const known = [...seen].filter((lane) => lane !== null).toSorted(byUrgency);
  const coloured = new Set(known.slice(0, COLOURS));
  const series = [...coloured].map((name, i) => ({ name, colour: `var(--lane-${i + 1})` }));
  if (known.length > COLOURS) series.push({ name: OTHERS, colour: 'var(--lane-others)' });
  if (seen.has(null)) series.push({ name: NOT_KNOWN, colour: 'var(--lane-unknown)' });
  const seriesOf = (lane: string | null) => {
    if (lane === null) return NOT_KNOWN;
    return coloured.has(lane) ? lane : OTHERS;
  };
  return { series, seriesOf };
}

/** The lanes of the contract first, the most urgent before the others; then by name. */
export function byUrgency(a: string, b: string): number {
  return rank(a) - rank(b) || a.localeCompare(b, 'en');
}

function rank(lane: string): number {
  const at = FIRST.indexOf(lane);
  return at < 0 ? FIRST.length : at;
}
