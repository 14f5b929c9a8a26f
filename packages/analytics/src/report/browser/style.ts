/** Width of a letter of the axes, about. */
const LETTER_PX = 7;

export const GRID = { stroke: 'var(--grid)', strokeOpacity: 0.7 } as const;
export const TIP = { stroke: 'var(--grid)', fontSize: 12, lineHeight: 1.35, pathFilter: 'none' } as const;
export const QUIET = 'var(--quiet)';

/** Room for labels beside an axis. */
export function roomFor(labels: readonly string[], mostPx: number): number {
  const longest = labels.reduce((most, { length }) => Math.max(most, length), 0);
  return Math.min(mostPx, longest * LETTER_PX + 12);
}

/** So many of the labels of a band axis as there is room for, each where it belongs. */
export function everyFew(count: number, labelPx: number, widthPx: number): readonly number[] {
  const step = Math.max(1, Math.ceil((count * labelPx) / Math.max(1, widthPx)));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

/** 1.2k, 3M */
export function compact(count: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(count);
}

/** Stacks values on each other: where each begins and ends. */
export function stacked(
  values: readonly number[],
): readonly { readonly from: number; readonly to: number }[] {
  let from = 0;
  return values.map((value) => {
    const piece = { from, to: from + value };
    from = piece.to;
    return piece;
  });
}
