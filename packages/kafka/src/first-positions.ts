import type { Admin, AssignedPartition, CommittedOffset, SharedStart, TopicPartition } from './port.ts';

/**
 * Where a group begins to read what it has no position in. The moment that this was decided for is committed with
 * every position of the group, as metadata. So a partition that the topic gains later, or one whose member died
 * before its first commit, is read from that moment on: neither from the end, which would pass records over,
 * nor from its beginning, which could be weeks of what was not asked for.
 */
export interface FirstPosition extends TopicPartition {
  readonly startsAt: number;
  /** The moment, in ms since the epoch; 0 is the beginning of the log. */
  readonly since: number;
}

/** @param committed all that the group has committed in the topics of these partitions */
export async function firstPositions(
  admin: Pick<Admin, 'offsets' | 'offsetsAt'>,
  partitions: readonly TopicPartition[],
  committed: ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>,
  from: SharedStart,
  now: () => number,
): Promise<readonly FirstPosition[]> {
  const found: FirstPosition[] = [];
  for (const [topic, of] of Map.groupBy(partitions, (one) => one.topic)) {
    const known = sinceOfGroup([...(committed.get(topic)?.values() ?? [])]);
    const { since, starts } = await startsOf(admin, topic, known, from, now);
    for (const { partition } of of)
      found.push({ topic, partition, since, startsAt: starts.get(partition) ?? 0 });
  }
  return found;
}

async function startsOf(
  admin: Pick<Admin, 'offsets' | 'offsetsAt'>,
  topic: string,
  known: number | undefined,
  from: SharedStart,
  now: () => number,
): Promise<{ readonly since: number; readonly starts: ReadonlyMap<number, number> }> {
  if (known === undefined && from === 'end') {
    // The time first: what is written between the two questions is in both.
    const since = now();
    const ranges = await admin.offsets(topic);
    return { since, starts: new Map([...ranges].map(([partition, { high }]) => [partition, high])) };
  }
  const since = known ?? (typeof from === 'object' ? from.timestampMs : 0);
  if (since > 0) return { since, starts: await admin.offsetsAt(topic, since) };
  const ranges = await admin.offsets(topic);
  return { since, starts: new Map([...ranges].map(([partition, { low }]) => [partition, low])) };
}

/** Undefined when the group has no position; 0 when others have set all it has, who do not write that moment. */
function sinceOfGroup(commits: readonly CommittedOffset[]): number | undefined {
  if (commits.length === 0) return undefined;
  const moments = commits.map(({ metadata }) => readSince(metadata)).filter((since) => since !== undefined);
  return moments.length === 0 ? 0 : Math.min(...moments);
}

const SINCE = /^since=(\d{1,15})$/;

export const writeSince = (since: number): string => `since=${since}`;

export function readSince(metadata: string): number | undefined {
  const [, digits] = SINCE.exec(metadata) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** As those that were committed before: what follows need not tell them apart. */
export const asAssigned = ({ topic, partition, startsAt }: FirstPosition): AssignedPartition => ({
  topic,
  partition,
  committed: null,
  startsAt,
});
