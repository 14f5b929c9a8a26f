import { endsOf, offsetsOf } from './asking.ts';
import { startWithin } from './log-range.ts';
import type { Admin } from './port.ts';

/** An offset of each partition. */
export type Offsets = ReadonlyMap<number, number>;

/** What waits in a lane: the records from the group's committed offsets to the end. */
export interface Backlog {
  readonly topic: string;
  /** The first record of each partition that is not known to be done. */
  readonly starts: Offsets;
  readonly ends: Offsets;
}

/**
 * Above a committed offset there can be records that are done already, as far as one is not that came before them:
 * so much may be counted too many.
 * @throws when one of the topics does not exist
 */
export async function backlogs(
  admin: Pick<Admin, 'committed' | 'offsets'>,
  group: string,
  topics: readonly string[],
): Promise<readonly Backlog[]> {
  // First the commits: so none is beyond an end that was asked for before it was made.
  const commits = await admin.committed(group, topics);
  const ranges = await offsetsOf(admin, topics);
  return topics.map((topic) => {
    const of = ranges.get(topic) ?? new Map();
    const committed = commits.get(topic);
    const starts = [...of].map(
      ([partition, range]) => [partition, startWithin(committed?.get(partition)?.offset, range)] as const,
    );
    return { topic, ends: endsOf(of), starts: new Map(starts) };
  });
}

/** How many records wait. */
export function depthOf({ starts, ends }: Backlog): number {
  return sum(ends) - sum(starts);
}

/** Where records wait: the first of them, by partition. */
export function waitingIn({ starts, ends }: Backlog): Offsets {
  return new Map([...starts].filter(([partition, start]) => start < (ends.get(partition) ?? 0)));
}

/** How many records came, and how many were done, from one look to a later one. */
export function progress(
  before: Backlog,
  after: Backlog,
): { readonly published: number; readonly done: number } {
  return {
    published: Math.max(0, sum(after.ends) - sum(before.ends)),
    done: Math.max(0, sum(after.starts) - sum(before.starts)),
  };
}

function sum(offsets: Offsets): number {
  return [...offsets.values()].reduce((total, offset) => total + offset, 0);
}
