/** Why something that was looked for is not redriven, and what people read of it. */
export const LEFT_OUT = {
  taken: 'taken, as far as is known',
  settled: 'settled by the sender, under the same message_id',
  unreadable: 'an event of it cannot be read',
  redriven: 'redriven before',
  expired: 'expired',
  undecodable: 'cannot be read now, and would be put aside again',
  repeated: 'another dead letter under the same message_id came before it',
  gone: 'the original is not there any more',
  placeless: 'no event tells where the original is',
  laneless: 'came from no lane that is known here',
  'too-large': 'too large for its lane with the headers of a redrive',
} as const;

export type LeftOut = keyof typeof LEFT_OUT;

/** Counts what became of everything that was asked for. */
export interface Tally {
  leftOut(why: LeftOut): void;
  redriven(lane: string): void;
  /** How many were redriven, or would be in a dry run. */
  count(): number;
  counts(): TallyCounts;
}

export interface TallyCounts {
  readonly redriven: number;
  /** By lane. */
  readonly lanes: ReadonlyMap<string, number>;
  readonly leftOut: ReadonlyMap<LeftOut, number>;
}

export function createTally(): Tally {
  const lanes = new Map<string, number>();
  const leftOut = new Map<LeftOut, number>();
  let redriven = 0;
  return {
    leftOut: (why) => leftOut.set(why, (leftOut.get(why) ?? 0) + 1),
    redriven(lane) {
      redriven += 1;
      lanes.set(lane, (lanes.get(lane) ?? 0) + 1);
    },
    count: () => redriven,
    counts: () => ({ redriven, lanes, leftOut }),
  };
}

/** How a run ended. */
export interface Ending {
  readonly dryRun: boolean;
  /** Not everything was looked at: Ctrl-C, or a fault. */
  readonly interrupted: boolean;
  /** There may be more than `--limit` let through. */
  readonly limited: boolean;
}

/** The summary for people. */
export function summaryLines({ redriven, lanes, leftOut }: TallyCounts, ending: Ending): readonly string[] {
  const rows: [string, number][] = [
    [ending.dryRun ? 'would be redriven' : 'redriven', redriven],
    ...[...lanes].map(([lane, count]): [string, number] => [`  ${lane}`, count]),
    ...[...leftOut].map(([why, count]): [string, number] => [`left out: ${LEFT_OUT[why]}`, count]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const numberWidth = Math.max(...rows.map(([, count]) => shown(count).length));
  return rows.map(([name, count]) => `${name.padEnd(width)}  ${shown(count).padStart(numberWidth)}`);
}

function shown(count: number): string {
  return count.toLocaleString('en');
}

/** The summary for machines. */
export function summaryJson({ redriven, lanes, leftOut }: TallyCounts, ending: Ending): string {
  return JSON.stringify({
    dry_run: ending.dryRun,
    interrupted: ending.interrupted,
    limited: ending.limited,
    redriven,
    lanes: Object.fromEntries(lanes),
    left_out: Object.fromEntries(leftOut),
  });
}
