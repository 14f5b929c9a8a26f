import { type CaseFile, keyOf, type Message } from '../case-file.ts';
import type { Commit, SendRecord } from '../history.ts';
import { CLOCK_SLACK_MS } from '../known.ts';
import { shown, type Violation } from '../violation.ts';

/**
 * No offset is committed before all below it is done. A message is done when it is settled or put aside; where it was
 * published more than once, one of its records must be held until then, and the others need nothing. The same holds
 * for each redrive of it, unless that was passed over, of which the log says nothing.
 */
export function commitsBehind(file: CaseFile): readonly Violation[] {
  const coveredBy = coverings(file.history.sent, file.history.commits);
  const messages = file.messages.flatMap((message) =>
    [...Map.groupBy(message.records, ({ redriveOf }) => redriveOf)].flatMap(([redriveOf, records]) => {
      const covering = firstLetGo(records, coveredBy);
      const doneAt = doneAtMs(file, message, redriveOf);
      if (!covering || (redriveOf !== null && doneAt === Number.POSITIVE_INFINITY)) return [];
      return ahead(covering, doneAt, shown(message.id));
    }),
  );
  const others = file.history.sent
    .filter(({ request }) => request === null)
    .flatMap((record) => {
      const covering = coveredBy.get(keyOf(record));
      if (!covering) return [];
      return ahead(covering, putAsideAtMs(file, record), 'a record that is no send request');
    });
  return [...messages, ...others];
}

/** How many commits set an offset back. */
export function countBackward(commits: readonly Commit[]): number {
  const last = new Map<string, number>();
  let backward = 0;
  for (const { topic, partition, offset } of commits) {
    const key = `${topic}/${partition}`;
    if (offset < (last.get(key) ?? 0)) backward += 1;
    last.set(key, offset);
  }
  return backward;
}

/** The first commit beyond each record. */
function coverings(sent: readonly SendRecord[], commits: readonly Commit[]): ReadonlyMap<string, Commit> {
  const partitionOf = ({ topic, partition }: Commit | SendRecord) => `${topic}/${partition}`;
  const committed = Map.groupBy(commits, partitionOf);
  const coveredBy = new Map<string, Commit>();
  for (const [key, records] of Map.groupBy(sent, partitionOf)) {
    const waiting = records.toSorted((a, b) => a.offset - b.offset);
    let next = 0;
    for (const commit of committed.get(key) ?? []) {
      for (let record = waiting[next]; record && record.offset < commit.offset; record = waiting[next]) {
        coveredBy.set(keyOf(record), commit);
        next += 1;
      }
    }
  }
  return coveredBy;
}

/** The commit after which none of the records that there were by then was held; undefined if one always was. */
function firstLetGo(
  records: readonly SendRecord[],
  coveredBy: ReadonlyMap<string, Commit>,
): Commit | undefined {
  let last: Commit | undefined;
  for (const record of records) {
    if (last && last.committedAtMs < record.appendedAtMs) return last;
    const commit = coveredBy.get(keyOf(record));
    if (!commit) return undefined;
    if (!last || commit.committedAtMs > last.committedAtMs) last = commit;
  }
  return last;
}

function ahead(covering: Commit, doneAt: number, what: string): readonly Violation[] {
  const { topic, partition, offset, committedAtMs } = covering;
  if (doneAt <= committedAtMs + CLOCK_SLACK_MS) return [];
  const when = doneAt === Number.POSITIVE_INFINITY ? 'and it never was' : `by ${doneAt - committedAtMs} ms`;
  const text = `${topic}/${partition}: offset ${offset} was committed before ${what} was done, ${when}`;
  return [{ kind: 'COMMITTED_AHEAD', text }];
}

function doneAtMs(file: CaseFile, { records, settlings }: Message, sending: string | null): number {
  const isOfIt = ({ redriveOf }: { readonly redriveOf: string | null }) => redriveOf === sending;
  return Math.min(
    settlings.find(isOfIt)?.event.appendedAtMs ?? Number.POSITIVE_INFINITY,
    ...records.filter(isOfIt).map((record) => putAsideAtMs(file, record)),
  );
}

/** Infinity for never; of a dead letter whose time is not known it is believed that it was in time. */
function putAsideAtMs({ deadLetters }: CaseFile, record: SendRecord): number {
  const letter = deadLetters.get(keyOf(record));
  return letter ? (letter.appendedAtMs ?? Number.NEGATIVE_INFINITY) : Number.POSITIVE_INFINITY;
}
