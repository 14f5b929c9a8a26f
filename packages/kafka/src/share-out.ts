/** A member of a group, and the partitions that it had until now. */
export interface Sharer {
  readonly id: string;
  readonly had: readonly string[];
}

/**
 * Shares partitions out evenly: two members differ by one at most, and each keeps as many of its own as that allows,
 * because what a member remembers of a partition (what it has seen, how messages stand) goes with it.
 * @returns each member's partitions; depends on the arguments alone, but for the order of the members
 */
export function shareOut(
  members: readonly Sharer[],
  partitions: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const sharers = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const shares = new Map(sharers.map(({ id }): [string, string[]] => [id, []]));
  if (sharers.length === 0) return shares;
  const free = new Set(partitions);
  const least = Math.floor(partitions.length / sharers.length);
  let more = partitions.length % sharers.length;

  function keep(sharer: Sharer, upTo: number): number {
    const share = shares.get(sharer.id) ?? [];
    const before = share.length;
    for (const partition of sharer.had) {
      if (share.length < upTo && free.delete(partition)) share.push(partition);
    }
    return share.length - before;
  }

  for (const sharer of sharers) keep(sharer, least);
  for (const sharer of sharers) if (more > 0) more -= keep(sharer, least + 1);
  for (const partition of free) smallest(shares).push(partition);
  return shares;
}

function smallest(shares: ReadonlyMap<string, string[]>): string[] {
  return [...shares.values()].reduce((least, share) => (share.length < least.length ? share : least));
}
