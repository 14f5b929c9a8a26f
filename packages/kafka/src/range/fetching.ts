import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from '../unreachable.ts';
import type { FetchAnswer } from './fetch-answer.ts';
import { createMailbox } from './mailbox.ts';
import {
  type Brought,
  broughtNothing,
  fail,
  moveOn,
  OFFSET_OUT_OF_RANGE,
  type Progress,
  pauseMs,
} from './progress.ts';
import { errorOfCode, type Source } from './source.ts';

/** Fetches partitions to their ends, from whatever brokers lead them. */
export interface Fetching {
  isDone(): boolean;
  /**
   * What the next answer brought, perhaps nothing. The one after it is asked for already: so it comes while these
   * records are used, and no more than one answer of each broker, unread, is in memory ahead.
   * @throws what does not pass by itself, or has not in a minute; the signal's reason, once that is aborted
   */
  next(): Promise<readonly Brought[]>;
  close(): void;
}

export interface FetchingOptions {
  readonly source: Omit<Source, 'close'>;
  readonly topic: string;
  /** Are moved on. */
  readonly progresses: readonly Progress[];
  readonly signal?: AbortSignal | undefined;
  /** A monotonic clock. */
  readonly nowMs: () => number;
}

/** What came of a question to the brokers. */
type Arrival =
  | { readonly kind: 'answer'; readonly asked: Asked; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly asked: Asked; readonly error: unknown }
  | { readonly kind: 'refreshed'; readonly error?: unknown };

interface Asked {
  readonly leader: string;
  readonly of: readonly Progress[];
}

interface Answer extends FetchAnswer {
  /** Where partitions begin now, of those whose wanted offset is out of range. */
  readonly oldest: ReadonlyMap<number, number>;
}

const UNKNOWN_TOPIC_OR_PARTITION = 3;

export function createFetching({ source, topic, progresses, signal, nowMs }: FetchingOptions): Fetching {
  const mailbox = createMailbox<Arrival>(signal);
  const closed = new AbortController();
  const busy = new Set<string>();
  const turns = new Map<number, number>();
  let turn = 0;
  let refreshing = false;

  const inState = (state: Progress['state']) => progresses.filter((one) => one.state === state);

  function failed(of: readonly Progress[], error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const named = new Error(`cannot read ${topic}: ${why}`, { cause: error });
    if (!isPassing(error)) throw named;
    for (const one of of) fail(one, named, nowMs());
  }

  /** Asks for what can be asked for now. */
  function goOn(): void {
    const idle = new Map(inState('idle').map((one) => [one.partition, one]));
    for (const [leader, partitions] of idle.size > 0 ? source.leaders([...idle.keys()]) : []) {
      // A broker fills its answer in the order in which it was asked.
      const inTurn = partitions.toSorted((a, b) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0));
      const of = inTurn.flatMap((partition) => idle.get(partition) ?? []);
      for (const partition of partitions) idle.delete(partition);
      if (!busy.has(leader)) ask({ leader, of });
    }
    if (idle.size > 0) failed([...idle.values()], errorOfCode(UNKNOWN_TOPIC_OR_PARTITION));
    if (!refreshing && inState('failed').length > 0) refresh();
  }

  function ask(asked: Asked): void {
    busy.add(asked.leader);
    for (const one of asked.of) one.state = 'under way';
    answerOf(source, asked).then(
      (answer) => mailbox.put({ kind: 'answer', asked, answer }),
      (error) => mailbox.put({ kind: 'failure', asked, error }),
    );
  }

  function refresh(): void {
    refreshing = true;
    sleep(pauseMs(inState('failed')), undefined, { signal: closed.signal })
      .then(() => source.refresh())
      .then(
        () => mailbox.put({ kind: 'refreshed' }),
        (error) => mailbox.put({ kind: 'refreshed', error }),
      );
  }

  function take(arrival: Arrival): readonly Brought[] {
    if (arrival.kind === 'refreshed') {
      refreshing = false;
      const waiting = inState('failed');
      if (arrival.error !== undefined) failed(waiting, arrival.error);
      else for (const one of waiting) one.state = 'idle';
      return [];
    }
    const { leader, of } = arrival.asked;
    busy.delete(leader);
    if (arrival.kind === 'answer') return takeAnswer(of, arrival.answer);
    failed(of, arrival.error);
    return [];
  }

  function takeAnswer(of: readonly Progress[], answer: Answer): readonly Brought[] {
    const nothing = broughtNothing(answer);
    const fetched = new Map(answer.partitions.map((one) => [one.partition, one]));
    return of.flatMap((progress) => {
      const { partition } = progress;
      const one = fetched.get(partition);
      progress.state = 'idle';
      if (one === undefined) return [];
      try {
        const oldest = answer.oldest.get(partition);
        const brought = moveOn(progress, one, { oldest, broughtNothing: nothing });
        progress.failure = undefined;
        if (brought === undefined) return [];
        turns.set(partition, ++turn);
        return [brought];
      } catch (error) {
        failed([progress], error);
        return [];
      }
    });
  }

  return {
    isDone: () => progresses.every(({ state }) => state === 'done'),
    async next() {
      goOn();
      const brought = take(await mailbox.take());
      goOn();
      return brought;
    },
    close() {
      mailbox.close();
      closed.abort();
    },
  };
}

async function answerOf(source: Omit<Source, 'close'>, { leader, of }: Asked): Promise<Answer> {
  const answer = await source.fetch(leader, of);
  if (answer.errorCode !== 0) throw errorOfCode(answer.errorCode);
  const outOfRange = answer.partitions.filter(({ errorCode }) => errorCode === OFFSET_OUT_OF_RANGE);
  const oldest = await Promise.all(
    outOfRange.map(async ({ partition }) => [partition, await source.oldest(partition)] as const),
  );
  return { ...answer, oldest: new Map(oldest) };
}
