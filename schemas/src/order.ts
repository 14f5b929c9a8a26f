/** A value of an event's field that can be held against another. */
export type Comparable = string | number | boolean | null;

/**
 * Orders values of one field: null first, then false before true, numbers by size, texts by their code points.
 * This is how databases order them, so that a fold in SQL decides as ours does; JavaScript's `<` orders texts by
 * UTF-16 units, which is another order above U+FFFF.
 *
 * @returns below 0 if `a` comes first, above 0 if `b` does, 0 if they are equal
 */
export function compare(a: Comparable, b: Comparable): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  return a < b ? -1 : 1;
}

function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [unitA, unitB] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates, of which code points above U+FFFF are made, lie below U+E000 to U+FFFF: this puts them above. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
